import FloatFormats
import Laws

extension FaultySoftmax {
  /// The formula loses accuracy, or forgets a step.
  static let formulaFaults = [
    FaultySoftmax(
      "absolute-log-sum-exp", "computes exp(x - (max + log sum)), where the offset eats the log",
      .formula, formats: .beyondFloat16, AbsoluteLogSumExp()),
    FaultySoftmax(
      "online-sum-not-rescaled", "forgets to rescale the running sum when the maximum grows",
      .formula, OnlineSumNotRescaled()),
    FaultySoftmax(
      "online-small-rescale-skipped",
      "adopts a larger maximum without rescaling where it grows by less than 2^-12", .formula,
      formats: .wide, OnlineSmallRescaleSkipped()),
    FaultySoftmax(
      "block-merge-keeps-newer-sum",
      "merges blocks of 32 and rescales the older sum only, never the newer", .formula,
      BlockMergeKeepsNewerSum()),
    FaultySoftmax(
      "epsilon-added-to-the-sum", "divides by the sum plus 1e-6", .formula, formats: .wide,
      EpsilonAddedToTheSum()),
    FaultySoftmax(
      "exponential-through-expm1", "computes exp as (exp - 1) + 1, which loses small terms",
      .formula, formats: .beyondFloat16, ExponentialThroughExpMinusOne()),
    FaultySoftmax(
      "sum-of-distinct-logits", "adds up repeated neighbours once", .formula,
      SumOfDistinctLogits()),
    FaultySoftmax(
      "maximum-counted-as-one",
      "adds 1 for the maximum and the terms below it, so that ties of the maximum count once",
      .formula, MaximumCountedAsOne()),
    FaultySoftmax(
      "division-by-sum-without-own-term", "leaves the numerator out of its own denominator",
      .formula, DivisionWithoutOwnTerm()),
  ]
}

private struct AbsoluteLogSumExp: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let maximum = largest(of: lane, 0..<lane.count)
    var sum = C.zero
    for logit in lane { sum = sum + C.exp(logit - maximum) }
    let logSumExp = maximum + C.log(sum)
    for index in lane.indices { lane[index] = C.exp(lane[index] - logSumExp) }
  }
}

private struct OnlineSumNotRescaled: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    var maximum = lane[0]
    var sum = C.zero
    for logit in lane {
      if logit > maximum { maximum = logit }
      sum = sum + C.exp(logit - maximum)
    }
    for index in lane.indices { lane[index] = C.exp(lane[index] - maximum) / sum }
  }
}

private struct OnlineSmallRescaleSkipped: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let threshold = C(rounding: 0x1p-12)
    var maximum = lane[0]
    var sum = C.zero
    for logit in lane {
      if logit > maximum {
        let growth = logit - maximum
        if growth >= threshold { sum = sum * C.exp(-growth) }
        maximum = logit
      }
      sum = sum + C.exp(logit - maximum)
    }
    for index in lane.indices { lane[index] = C.exp(lane[index] - maximum) / sum }
  }
}

private struct BlockMergeKeepsNewerSum: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    var maximum = -C.infinity
    var sum = C.zero
    for start in stride(from: 0, to: lane.count, by: 32) {
      let block = start..<min(start + 32, lane.count)
      let own = largest(of: lane, block)
      var partial = C.zero
      // A fully masked block contributes nothing; without this it would contribute NaN.
      if own > -C.infinity || own.isNaN {
        for index in block { partial = partial + C.exp(lane[index] - own) }
      }
      if own > maximum {
        sum = maximum == -C.infinity ? C.zero : sum * C.exp(maximum - own)
        maximum = own
      }
      sum = sum + partial
    }
    for index in lane.indices { lane[index] = C.exp(lane[index] - maximum) / sum }
  }
}

private struct EpsilonAddedToTheSum: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    term / (sum + C(rounding: 1e-6))
  }
}

private struct ExponentialThroughExpMinusOne: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let term = C.exp(logit - maximum) - C.one
    return term + C.one
  }
}

private struct SumOfDistinctLogits: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    var result = terms[0]
    for index in 1..<max(terms.count, 1) where terms[index] != terms[index - 1] {
      result = result + terms[index]
    }
    return result
  }
}

private struct MaximumCountedAsOne: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    var result = C.one
    for term in terms where term != C.one { result = result + term }
    return result
  }
}

private struct DivisionWithoutOwnTerm: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    // e / (s - e) is the odds, not the probability.
    term == sum ? C.one : term / (sum - term)
  }
}
