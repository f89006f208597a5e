import FloatFormats
import Laws

extension FaultySoftmax {
  /// Small terms or results become zero, or are kept away from it.
  static let underflowFaults = [
    FaultySoftmax(
      "subnormal-outputs-flushed", "writes 0 for results below the normal range, undeclared",
      .underflow, SubnormalOutputsFlushed()),
    FaultySoftmax(
      "subnormal-exponentials-flushed", "computes with subnormal exponentials as 0, undeclared",
      .underflow, formats: .beyondFloat16, SubnormalExponentialsFlushed()),
    FaultySoftmax(
      "terms-below-2^-20-dropped", "drops exponentials below 2^-20", .underflow,
      TermsBelowDropped(0x1p-20)),
    FaultySoftmax(
      "difference-clamped-at-minus-20", "clamps x - max at -20, masks included", .underflow,
      formats: .beyondFloat16, DifferenceClampedAtMinus20()),
    FaultySoftmax(
      "product-underflows-before-the-quotient",
      "scales the numerator by 2^-64 and the quotient back, undeclared underflow in between",
      .underflow, formats: .beyondFloat16, ProductUnderflows()),
    FaultySoftmax(
      "small-results-of-long-lanes-dropped",
      "writes 0 for results below 2^-10 of the largest where the lane is longer than 512",
      .underflow, LongLanesFlushed()),
  ]
}

private struct SubnormalOutputsFlushed: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    let least = C(rounding: call.output.leastNormal)
    for index in probabilities.indices where probabilities[index] < least {
      probabilities[index] = C.zero
    }
  }
}

private struct SubnormalExponentialsFlushed: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let term = C.exp(logit - maximum)
    return term < C.leastNormal ? C.zero : term
  }
}

private struct TermsBelowDropped: SoftmaxRecipe {
  let threshold: Double
  init(_ threshold: Double) { self.threshold = threshold }
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let term = C.exp(logit - maximum)
    return term < C(rounding: threshold) ? C.zero : term
  }
}

private struct DifferenceClampedAtMinus20: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let limit = C(rounding: -20.0)
    let difference = logit - maximum
    return C.exp(difference < limit ? limit : difference)
  }
}

private struct ProductUnderflows: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    (term.scaled(byPowerOfTwo: -64) / sum).scaled(byPowerOfTwo: 64)
  }
}

private struct LongLanesFlushed: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    guard probabilities.count > 512 else { return }
    let threshold = largest(of: probabilities, 0..<probabilities.count)
      .scaled(byPowerOfTwo: -10)
    for index in probabilities.indices where probabilities[index] < threshold {
      probabilities[index] = C.zero
    }
  }
}
