import AuditedOperations
import FloatFormats
import Laws
import Oracle

extension FaultySoftmax {
  /// Infinities, NaNs and masked lanes are treated otherwise than declared.
  static let nonFiniteFaults = [
    FaultySoftmax(
      "nan-becomes-zero", "lets the exponential turn every NaN into 0", .specialValues,
      NaNBecomesZero()),
    FaultySoftmax(
      "nan-in-tail-swallowed", "lets the scalar tail turn NaN logits into masks", .specialValues,
      NaNInTailSwallowed()),
    FaultySoftmax(
      "masked-lane-nan-only-from-128",
      "gives zeros for a fully masked lane of fewer than 128 logits and NaN from there on",
      .specialValues, MaskedLane(shorterThan: 128, gives: 0)),
    FaultySoftmax(
      "masked-lane-uniform", "gives 1/n for a fully masked lane without declaring it",
      .specialValues,
      MaskedLane(shorterThan: .max, gives: 1)),
    FaultySoftmax(
      "leading-masked-lane-is-nan",
      "declares zeros for fully masked lanes and gives NaN where the first lane of several is one",
      .specialValues, specialLanes: .maskedZero, LeadingMaskedLaneIsNaN()),
    FaultySoftmax(
      "nan-among-masks-becomes-zero",
      "declares zeros for fully masked lanes and gives them for a NaN among masks as well",
      .specialValues, specialLanes: .maskedZero, NaNAmongMasksBecomesZero()),
    FaultySoftmax(
      "mask-of-minus-10000", "replaces -inf by -10000 before anything else", .specialValues,
      MaskOfMinus10000()),
    FaultySoftmax(
      "outputs-clipped-at-1e-7", "raises every probability to 1e-7 at least, masked ones too",
      .specialValues, OutputsClippedFromBelow()),
    FaultySoftmax(
      "infinity-as-greatest-finite", "replaces +inf by the largest finite number", .specialValues,
      InfinityAsGreatestFinite()),
    FaultySoftmax(
      "infinity-gives-zeros", "gives zeros for a lane with +inf", .specialValues,
      InfinityGivesZeros()),
    FaultySoftmax(
      "one-hot-of-infinity-is-nan",
      "declares a one-hot answer for +inf and gives NaN there and 0 elsewhere", .specialValues,
      specialLanes: .infinityOneHot, OneHotOfInfinityIsNaN()),
    FaultySoftmax(
      "fully-masked-block-poisons-lane",
      "computes exp(-inf - -inf) in a block of 32 masked logits of a lane that has others",
      .specialValues, FullyMaskedBlockPoisonsLane()),
  ]
}

private struct NaNBecomesZero: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let term = C.exp(logit - maximum)
    return term.isNaN ? C.zero : term
  }
  func maximum<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) -> C {
    var result = -C.infinity
    for logit in lane where logit > result { result = logit }
    return result
  }
}

private struct NaNInTailSwallowed: SoftmaxRecipe {
  func exponential<C: BinaryFloat>(
    _ logit: C, minus maximum: C, at index: Int, of count: Int, _ call: LaneCall
  ) -> C {
    let term = C.exp(logit - maximum)
    return index >= count & ~7 && index > 0 && logit.isNaN ? C.zero : term
  }
}

private struct MaskedLane: SoftmaxRecipe {
  let bound: Int
  let weight: Double
  init(shorterThan bound: Int, gives weight: Double) {
    self.bound = bound
    self.weight = weight
  }
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    guard lane.count < bound, lane.allSatisfy({ $0 == -C.infinity }) else {
      PlainRecipe().evaluate(lane, &call)
      return
    }
    for index in lane.indices { lane[index] = C(rounding: weight / Double(lane.count)) }
  }
}

private struct LeadingMaskedLaneIsNaN: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let isLeading = call.lane == 0 && call.laneCount > 1
    MaskedLane(shorterThan: isLeading ? 0 : .max, gives: 0).evaluate(lane, &call)
  }
}

private struct NaNAmongMasksBecomesZero: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    // A maximum that drops NaN sees only masks.
    guard lane.allSatisfy({ $0.isNaN || $0 == -C.infinity }) else {
      PlainRecipe().evaluate(lane, &call)
      return
    }
    for index in lane.indices { lane[index] = C.zero }
  }
}

private struct MaskOfMinus10000: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    for index in lane.indices where lane[index] == -C.infinity {
      lane[index] = C(rounding: -10000.0)
    }
    PlainRecipe().evaluate(lane, &call)
  }
}

private struct OutputsClippedFromBelow: SoftmaxRecipe {
  func finish<C: BinaryFloat>(_ probabilities: Lane<C>, _ call: LaneCall) {
    let least = C(rounding: 1e-7)
    for index in probabilities.indices where probabilities[index] < least {
      probabilities[index] = least
    }
  }
}

private struct InfinityAsGreatestFinite: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    for index in lane.indices where lane[index] == C.infinity { lane[index] = C.greatestFinite }
    PlainRecipe().evaluate(lane, &call)
  }
}

private struct InfinityGivesZeros: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let holdsInfinity = lane.contains { $0 == C.infinity }
    PlainRecipe().evaluate(lane, &call)
    if holdsInfinity { for index in lane.indices { lane[index] = C.zero } }
  }
}

private struct OneHotOfInfinityIsNaN: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    guard lane.contains(where: { $0 == C.infinity }), !lane.contains(where: { $0.isNaN }) else {
      PlainRecipe().evaluate(lane, &call)
      return
    }
    for index in lane.indices { lane[index] = lane[index] == C.infinity ? C.nan : C.zero }
  }
}

private struct FullyMaskedBlockPoisonsLane: SoftmaxRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    var poisoned = false
    for start in stride(from: 0, to: lane.count - 31, by: 32) {
      poisoned = poisoned || lane[start..<start + 32].allSatisfy { $0 == -C.infinity }
    }
    PlainRecipe().evaluate(lane, &call)
    if poisoned { for index in lane.indices { lane[index] = C.nan } }
  }
}
