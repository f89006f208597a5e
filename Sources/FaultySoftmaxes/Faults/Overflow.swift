import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The maximum is not subtracted, or it is not the maximum.
  static let overflowFaults = [
    FaultySoftmax(
      "no-maximum", "exponentiates the logits as they are", .overflow, NoMaximum()),
    FaultySoftmax(
      "maximum-over-first-1024", "takes the maximum over the first 1024 logits only", .overflow,
      MaximumOverPrefix(length: 1024)),
    FaultySoftmax(
      "shift-by-first-logit", "subtracts the first logit in place of the maximum", .overflow,
      MaximumOverPrefix(length: 1)),
    FaultySoftmax(
      "maximum-of-last-block", "keeps only the maximum of the last block of 256 logits", .overflow,
      MaximumOfLastBlock()),
    FaultySoftmax(
      "maximum-starts-at-zero", "starts the search for the maximum at 0", .overflow,
      MaximumStartsAt(0)),
    FaultySoftmax(
      "maximum-starts-at-minus-65504", "starts the search for the maximum at -65504", .overflow,
      formats: .beyondFloat16, MaximumStartsAt(-65504)),
    FaultySoftmax(
      "maximum-starts-at-minus-1e9", "starts the search for the maximum at -1e9", .overflow,
      formats: .beyondFloat16, MaximumStartsAt(-1e9)),
    FaultySoftmax(
      "maximum-starts-at-lowest-float32", "starts the search in float64 at the lowest float32",
      .overflow, formats: [.float64], MaximumStartsAt(-0x1.fffffep127)),
    FaultySoftmax(
      "shift-by-mean", "subtracts the mean in place of the maximum", .overflow, ShiftByMean()),
    FaultySoftmax(
      "vector-body-forgets-the-shift",
      "subtracts the maximum in the scalar tail but not in the body of eights", .overflow,
      VectorBodyForgetsTheShift()),
    FaultySoftmax(
      "exponent-clamped-at-80", "clamps the logits at 80 in place of subtracting the maximum",
      .overflow, ExponentClamped()),
    FaultySoftmax(
      "lowest-logits-become-infinite",
      "adds the mask to itself: logits below half of the lowest number become -inf", .overflow,
      LowestLogitsBecomeInfinite()),
    FaultySoftmax(
      "shift-skipped-below-80", "subtracts the maximum only where it exceeds 80", .overflow,
      ShiftSkippedBelow80()),
    FaultySoftmax(
      "one-maximum-for-the-batch", "subtracts the maximum of the whole tensor from every lane",
      .overflow, OneMaximumForTheBatch()),
  ]
}

private struct NoMaximum: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C { C.exp(logit) }
}

private struct MaximumOverPrefix: SoftmaxRecipe {
  let length: Int
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    largest(of: lane, 0..<min(lane.count, length))
  }
}

private struct MaximumOfLastBlock: SoftmaxRecipe {
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    largest(of: lane, (lane.count - 1) / 256 * 256..<lane.count)
  }
}

private struct MaximumStartsAt: SoftmaxRecipe {
  let floor: Double
  init(_ floor: Double) { self.floor = floor }
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    max(largest(of: lane, 0..<lane.count), C(rounding: floor))
  }
}

private struct ShiftByMean: SoftmaxRecipe {
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    total(of: lane, 0..<lane.count) / C(rounding: Double(lane.count))
  }
}

private struct VectorBodyForgetsTheShift: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    C.exp(index < count & ~7 ? logit : logit - maximum)
  }
}

private struct ExponentClamped: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let limit = C(rounding: 80.0)
    return C.exp(logit > limit ? limit : logit)
  }
}

private struct LowestLogitsBecomeInfinite: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let half = C(rounding: -call.input.greatestFinite / 2)
    for index in lane.indices where lane[index] < half { lane[index] = -C.infinity }
    PlainRecipe().evaluate(lane, &call)
  }
}

private struct ShiftSkippedBelow80: SoftmaxRecipe {
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    let maximum = largest(of: lane, 0..<lane.count)
    return maximum <= C(rounding: 80.0) ? C.zero : maximum
  }
}

private struct OneMaximumForTheBatch: SoftmaxRecipe {
  func begin<F: BinaryFloat>(
    _ logits: Tensor<F>, _ layout: TensorLayout, _ memory: inout CallMemory
  ) {
    memory.number = logits.elements.max()?.exactDouble ?? 0
  }
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    C(rounding: call.memory.number)
  }
}
