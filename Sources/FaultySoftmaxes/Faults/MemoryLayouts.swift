import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Strides or alignment of the input are ignored.
  static let memoryLayoutFaults = [
    FaultySoftmax(
      "column-major-read-as-row-major", "reads a column-major tensor as if it were row-major",
      .memoryLayout, layouts: [.rowMajor, .columnMajor], PackedAddresses()),
    FaultySoftmax(
      "slice-read-as-packed", "reads a slice as if it had no gaps", .memoryLayout,
      layouts: [.rowMajor, .sliced], PackedAddresses()),
    FaultySoftmax(
      "negative-strides-read-forwards", "takes the magnitude of negative strides", .memoryLayout,
      layouts: [.rowMajor, .reversed], NegativeStridesReadForwards()),
    FaultySoftmax(
      "row-step-assumed-packed",
      "honours the stride within a row and assumes that rows follow without gaps", .memoryLayout,
      layouts: [.rowMajor, .sliced], RowStepAssumedPacked()),
    FaultySoftmax(
      "loads-rounded-to-alignment",
      "loads from the aligned address below the one that it was given",
      .memoryLayout, layouts: [.rowMajor, .misaligned], LoadsRoundedToAlignment()),
    FaultySoftmax(
      "output-in-order-of-input", "writes the output in the order in which its input lies",
      .memoryLayout, layouts: [.rowMajor, .columnMajor, .reversed], OutputInOrderOfInput()),
    FaultySoftmax(
      "input-used-as-scratch",
      "keeps its exponentials in the input and restores it, which read-only memory does not bear",
      .memoryLayout, layouts: [.rowMajor, .readOnly], InputUsedAsScratch()),
  ]
}

private struct PackedAddresses: SoftmaxRecipe {
  func addresses(_ truth: StridedPlaces) -> StridedPlaces {
    var result = truth
    result.strides = StridedPlaces.packed(truth.shape)
    return result
  }
}

private struct NegativeStridesReadForwards: SoftmaxRecipe {
  func addresses(_ truth: StridedPlaces) -> StridedPlaces {
    var result = truth
    guard truth.strides.contains(where: { $0 < 0 }) else { return result }
    result.strides = truth.strides.map(abs)
    result.offset = 0
    return result
  }
}

private struct RowStepAssumedPacked: SoftmaxRecipe {
  func addresses(_ truth: StridedPlaces) -> StridedPlaces {
    guard let last = truth.strides.last else { return truth }
    var result = truth
    result.strides = StridedPlaces.packed(truth.shape).map { $0 * last }
    return result
  }
}

private struct LoadsRoundedToAlignment: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) {
    memory.length = layout == .misaligned ? 1 : 0
  }
  // What lies before the tensor is not a logit: the first element of the lane is another number.
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    if call.memory.length == 1 {
      for index in (1..<max(lane.count, 1)).reversed() { lane[index] = lane[index - 1] }
      lane[0] = C.zero
    }
    PlainRecipe().evaluate(lane, &call)
  }
}

private struct OutputInOrderOfInput: SoftmaxRecipe {
  var writesInOrderOfInput: Bool { true }
}

private struct InputUsedAsScratch: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    if layout == .readOnly, !logits.elements.isEmpty {
      throw CallFailure(.crash, "segmentation fault: a write to read-only memory")
    }
  }
}
