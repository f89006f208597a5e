import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The logsumexp of lanes with +inf, of -inf alone, or with a NaN is another than defined.
  static let infiniteLogarithmFaults = [
    // microsoft/onnxruntime#28461, HenrikBengtsson/matrixStats#84, JuliaStats/StatsFuns.jl#22,
    // tensorflow/tensorflow#11692, aesara-devs/aesara#461, rmcgibbo/logsumexp#2
    FaultySoftmax(
      "logsumexp-of-masks-is-nan", "computes -inf - -inf for a lane of -inf", .specialValues,
      of: .logSumExp, InfiniteSum(.masksGiveNaN)),
    // probcomp/metaprob#156, sims1253/bayesfam#33, jax-ml/jax#1626
    FaultySoftmax(
      "logsumexp-of-infinity-is-nan", "computes inf - inf for a lane with +inf", .specialValues,
      of: .logSumExp, InfiniteSum(.infinityGivesNaN)),
    // hmmlearn/hmmlearn#363
    FaultySoftmax(
      "logsumexp-of-infinity-is-minus-infinity",
      "takes an infinite maximum for a lane of masks, whatever its sign", .specialValues,
      of: .logSumExp, InfiniteSum(.infinityGivesMasked)),
    // HenrikBengtsson/matrixStats#84 was first taken to want this.
    FaultySoftmax(
      "logsumexp-of-masks-is-zero", "gives 0 for a lane of -inf", .specialValues, of: .logSumExp,
      InfiniteSum(.masksGiveZero)),
    FaultySoftmax(
      "logsumexp-of-masks-is-the-lowest-number",
      "gives the lowest finite number for a lane of -inf", .specialValues, of: .logSumExp,
      InfiniteSum(.masksGiveLowest)),
    FaultySoftmax(
      "logsumexp-drops-nan", "leaves a NaN out of maximum and sum", .specialValues,
      of: .logSumExp, InfiniteSum(.dropsNaN)),
    FaultySoftmax(
      "logsumexp-nan-beside-infinity-dropped", "gives +inf for a lane with +inf and a NaN",
      .specialValues, of: .logSumExp, InfiniteSum(.infinityHidesNaN)),
    // lawmurray/Birch#18
    FaultySoftmax(
      "logsumexp-of-nothing-is-zero", "gives 0 for a lane without a logit", .emptiness,
      of: .logSumExp, ValueOfNothing(value: 0)),
    FaultySoftmax(
      "logsumexp-of-nothing-is-nan", "gives NaN for a lane without a logit", .emptiness,
      of: .logSumExp, ValueOfNothing(value: .nan)),
  ]
}

private struct InfiniteSum: LogarithmRecipe {
  enum Mistake: Sendable {
    case masksGiveNaN, masksGiveZero, masksGiveLowest, infinityGivesNaN, infinityGivesMasked
    case dropsNaN, infinityHidesNaN
  }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    if mistake == .dropsNaN {
      for index in lane.indices where lane[index].isNaN { lane[index] = -C.infinity }
    }
    let holdsNaN = lane.contains { $0.isNaN }
    let holdsInfinity = lane.contains { $0 == C.infinity }
    let isMasked = lane.allSatisfy { $0 == -C.infinity }
    PlainLogarithms().evaluate(lane, &call)
    switch mistake {
    case .masksGiveNaN where isMasked: lane[0] = C.nan
    case .masksGiveZero where isMasked: lane[0] = C.zero
    case .masksGiveLowest where isMasked: lane[0] = -C(rounding: call.output.greatestFinite)
    case .infinityGivesNaN where holdsInfinity: lane[0] = C.nan
    case .infinityGivesMasked where holdsInfinity && !holdsNaN: lane[0] = -C.infinity
    case .infinityHidesNaN where holdsInfinity: lane[0] = C.infinity
    default: break
    }
  }
}

private struct ValueOfNothing: LogarithmRecipe {
  let value: Double
  var valueOfEmptyLane: Double { value }
}
