import FloatFormats

/// exp2((x_i - m) log2 e) / sum: the max trick on a machine whose fast exponential has base two.
///
/// **Bound.** As ``MaxTrick`` with the deviations of ``ScaledDifference`` in place of those of
/// exp(x - m). First order: up to 3 d_i + 3 sum_j p_j d_j + 2 kappa + 1 + S/u.
///
/// **Domain.** As ``MaxTrick``.
enum ExponentialBaseTwo: SoftmaxAlgorithm {
  static var name: String { "exp2" }
  static var formula: String { "exp2((x - m) * log2 e) / sum" }
  static var source: String {
    "attention kernels (FlashAttention, without its fused scale); bound derived here"
  }
  static var addsOnesForEqualLogits: Bool { true }
  static var seesDifferencesOnly: Bool { true }
  /// log2 e is rounded, always to the same side: the error of the argument is d times that of the
  /// constant.
  static var leansByConstant: Bool { ScaledDifference.leansByConstant }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let m = maximum(lane)
    for index in lane.indices {
      lane[index] = ScaledDifference.exponential(of: lane[index], minus: m)
    }
    let sum = summation.sum(count: lane.count) { Unscaled(Rounded(lane[$0])) }.number.value
    for index in lane.indices { lane[index] = lane[index] / sum }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let m: Staged<C> = maximum(lane)
    let terms = lane.map { ScaledDifference.trace(Staged($0), minus: m, trace) }
    return trace.quotient(terms[index], trace.sum(terms, summation))
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    let sum = DirectSum.tracked(lane, summation, ScaledDifference.self, computingIn: format)
    guard sum.isSound else { return nil }
    return Division.deviations(on: lane, sum: sum, ScaledDifference.self)
  }
}
