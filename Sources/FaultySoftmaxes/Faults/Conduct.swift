import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Something besides the output changes, or there is no output.
  static let conductFaults = [
    FaultySoftmax(
      "computes-in-its-input", "leaves exponentials where the logits were", .conduct,
      Misbehaves(.inputModified, "the logits are exponentials now") { $0.elementCount > 0 }),
    FaultySoftmax(
      "input-modified-for-long-lanes", "sorts lanes of 64 logits and more in place", .conduct,
      Misbehaves(.inputModified, "the logits are sorted now") { $0.length >= 64 }),
    FaultySoftmax(
      "writes-past-the-end-of-odd-lanes", "writes pairs, one element too many where n is odd",
      .conduct,
      Misbehaves(.wroteOutsideOutput, "the element after the output has changed") {
        $0.length % 2 == 1 && $0.laneCount > 0
      }),
    FaultySoftmax(
      "leaves-flush-to-zero-on", "sets flush-to-zero for lanes of 16 and more and forgets it",
      .conduct,
      Misbehaves(.changedFloatingPointEnvironment, "flush-to-zero is on") {
        $0.length >= 16 && $0.laneCount > 0
      }),
    FaultySoftmax(
      "hangs-on-masked-lanes", "waits for ever for a maximum where all logits are -inf", .conduct,
      Fails(.hang, "no answer within the limit") { $0.allSatisfy { $0 == -.infinity } }),
    FaultySoftmax(
      "crashes-on-largest-finite", "crashes where a logit is the largest finite number", .conduct,
      CrashesOnGreatestFinite()),
    FaultySoftmax(
      "answers-with-another-shape", "drops unit dimensions from the shape of its answer", .conduct,
      AnswersWithAnotherShape()),
  ]
}

private struct Misbehaves: SoftmaxRecipe {
  let misconduct: Misconduct
  let applies: @Sendable (LaneGeometry) -> Bool
  init(
    _ kind: Misconduct.Kind, _ explanation: String,
    where applies: @escaping @Sendable (LaneGeometry) -> Bool
  ) {
    misconduct = Misconduct(kind, explanation)
    self.applies = applies
  }
  func misconduct(_ geometry: LaneGeometry) -> [Misconduct] {
    applies(geometry) ? [misconduct] : []
  }
}

private struct Fails: SoftmaxRecipe {
  let failure: CallFailure
  let applies: @Sendable ([Double]) -> Bool
  init(
    _ kind: CallFailure.Kind, _ explanation: String,
    where applies: @escaping @Sendable ([Double]) -> Bool
  ) {
    failure = CallFailure(kind, explanation)
    self.applies = applies
  }
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    // A lane is looked at, not the tensor: a batch with other lanes in it hangs as well.
    let geometry = logits.geometry
    guard geometry.length > 0 else { return }
    for lane in 0..<geometry.laneCount where applies(logits.lane(lane).map { $0.exactDouble }) {
      throw failure
    }
  }
}

private struct CrashesOnGreatestFinite: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    if logits.elements.contains(F.greatestFinite) {
      throw CallFailure(.crash, "killed by signal 8")
    }
  }
}

private struct AnswersWithAnotherShape: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    let shape = logits.geometry.shape
    if shape.count > 1, shape.contains(1) {
      throw CallFailure(.rubbish, "the shape \(shape) came back as \(shape.filter { $0 != 1 })")
    }
  }
}
