import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Empty lanes, empty batches or lanes of one logit go wrong.
  static let degenerateSizeFaults = [
    FaultySoftmax(
      "empty-axis-divides-by-zero", "divides by the length and crashes where it is 0",
      .emptiness, FailsWhenEmpty(.crash, ofBatch: false)),
    FaultySoftmax(
      "empty-batch-crashes", "crashes where there are no lanes", .emptiness,
      FailsWhenEmpty(.crash, ofBatch: true)),
    FaultySoftmax(
      "single-logit-is-nan", "computes 0/0 for a lane of one logit", .emptiness,
      SingleLogitIs(.nan)),
    FaultySoftmax(
      "single-logit-just-below-one", "gives the float below 1 for a lane of one logit",
      .emptiness, formats: .wide, SingleLogitJustBelowOne()),
    FaultySoftmax(
      "single-logit-copied", "returns the logit itself for a lane of one", .emptiness,
      SingleLogitCopied()),
  ]
}

private struct FailsWhenEmpty: SoftmaxRecipe {
  let kind: CallFailure.Kind
  let ofBatch: Bool
  init(_ kind: CallFailure.Kind, ofBatch: Bool) {
    self.kind = kind
    self.ofBatch = ofBatch
  }
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) throws {
    let size = ofBatch ? logits.geometry.laneCount : logits.geometry.length
    if size == 0 { throw CallFailure(kind, "a size of 0") }
  }
}

private struct SingleLogitIs: SoftmaxRecipe {
  let value: Double
  init(_ value: Double) { self.value = value }
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    if probabilities.count == 1 { probabilities[0] = C(rounding: value) }
  }
}

private struct SingleLogitJustBelowOne: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    if probabilities.count == 1 { probabilities[0] = moved(probabilities[0], byPlaces: -1) }
  }
}

private struct SingleLogitCopied: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    if lane.count > 1 { PlainRecipe().evaluate(lane, &call) }
  }
}
