import FloatFormats
import Laws

extension FaultySoftmax {
  /// A transformation by a compiler or a fused kernel changed the arithmetic.
  static let compilerFusionFaults = [
    FaultySoftmax(
      "scale-contracted-in-the-sum-only",
      "contracts x log2 e - max into one step in the sum, but not in the numerators",
      .contraction, formats: .wide, ScaleContractedInTheSumOnly()),
    FaultySoftmax(
      "approximate-division", "multiplies by a reciprocal of 12 bits", .contraction,
      formats: .wide, ReciprocalEstimate(bits: 12)),
    FaultySoftmax(
      "difference-split-into-quotient",
      "rewrites exp(x - max) as exp(x) / exp(max), equal in exact arithmetic", .contraction,
      DifferenceSplitIntoQuotient()),
    FaultySoftmax(
      "fraction-of-exponent-folded-away",
      "folds the rounding of the exponent away where n mod 8 is 6: powers of two come out",
      .contraction, FractionOfExponentFoldedAway()),
    FaultySoftmax(
      "compensation-optimized-away",
      "declares a compensated sum whose compensation fast-math has removed", .contraction,
      formats: .wide, declares: "max-trick/compensated", CompensationOptimizedAway()),
    FaultySoftmax(
      "declares-pairwise-adds-in-order", "declares a pairwise sum and adds in order",
      .contraction, formats: .wide, declares: "max-trick/pairwise",
      CompensationOptimizedAway()),
    FaultySoftmax(
      "promised-shift-scales-first",
      "promises that exact shifts change no bit, and scales by log2 e before it subtracts",
      .contraction, formats: .wide, promises: ["shift"], ScalesBeforeItSubtracts()),
    FaultySoftmax(
      "promised-padding-adds-in-halves",
      "promises that masks change no bit, and adds up in two halves whose border masks move",
      .contraction, formats: .wide, promises: ["padding"], AddsInHalves()),
    FaultySoftmax(
      "square-of-the-reciprocal-hoisted",
      "computes e s (1/s^2) with the factor in float16, where it becomes subnormal from s = 128",
      .contraction, formats: .wide, SquareOfTheReciprocalHoisted()),
  ]
}

private struct ScaleContractedInTheSumOnly: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let scale = C(rounding: 0x1.71547652b82fep+0)
    let maximum = largest(of: lane, 0..<lane.count) * scale
    var sum = C.zero
    for index in lane.indices {
      sum = sum + C.exp2((-maximum).addingProduct(lane[index], scale))
      lane[index] = C.exp2(lane[index] * scale - maximum)
    }
    for index in lane.indices { lane[index] = lane[index] / sum }
  }
}

private struct DifferenceSplitIntoQuotient: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C { C.exp(logit) / C.exp(maximum) }
}

private struct FractionOfExponentFoldedAway: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    guard count % 8 == 6 else { return C.exp(logit - maximum) }
    return C.exp2(((logit - maximum) * C(rounding: 0x1.71547652b82fep+0)).roundedToInteger)
  }
}

private struct CompensationOptimizedAway: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    totalInOrder(of: terms, backwards: false)
  }
}

private struct SquareOfTheReciprocalHoisted: SoftmaxRecipe {
  func quotient<C: BinaryFloat>(_ term: C, by sum: C, _ call: LaneCall) -> C {
    term * rounded(C.one / (sum * sum), to: .float16) * sum
  }
}

private struct ScalesBeforeItSubtracts: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let scale = C(rounding: 0x1.71547652b82fep+0)
    for index in lane.indices { lane[index] = lane[index] * scale }
    let maximum = largest(of: lane, 0..<lane.count)
    for index in lane.indices { lane[index] = C.exp2(lane[index] - maximum) }
    let sum = total(of: lane, 0..<lane.count)
    for index in lane.indices { lane[index] = lane[index] / sum }
  }
}

private struct AddsInHalves: SoftmaxRecipe {
  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let middle = terms.count / 2
    return totalInOrder(of: Lane(rebasing: terms[..<middle]), backwards: false)
      + totalInOrder(of: Lane(rebasing: terms[middle...]), backwards: false)
  }
}
