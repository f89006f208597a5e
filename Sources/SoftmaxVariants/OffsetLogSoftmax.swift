import AuditedOperations
import FloatFormats

/// x_i - (m + ln sum exp(x_j - m)): the log-softmax by the logsumexp.
///
/// **Bound.** T = l + u (|L| + l) is the error of the logsumexp ``MaxTrickLogSumExp``, and the
/// difference rounds once: |y - l_i| <= T + u (|l_i| + T). The rounding of m + ln s is of a number
/// of size |L|: **the error grows with the offset of the logits.**
///
/// **Domain.** The sum as in ``MaxTrick``; no overflow of m + ln s.
enum OffsetLogSoftmax: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSoftmax }
  static var name: String { "logsumexp" }
  static var formula: String { "x - (m + log sum exp(x - m))" }
  static var source: String { "Blanchard, Higham & Higham 2021, (1.4); bound derived here" }
  static var seesDifferencesOnly: Bool { false }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, sum) = DirectSum.total(lane, summation, Difference.self)
    let y = m + C.log(sum)
    for index in lane.indices { lane[index] = lane[index] - y }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let y = MaxTrickLogSumExp.trace(lane, summation, at: 0, trace)
    return trace.difference(Staged(lane[index]), y, .secondSubtraction)
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    guard
      let error = MaxTrickLogSumExp.errors(on: lane, summation, computingIn: format)?.first
    else { return nil }
    let u = C.format.unitRoundoff
    return lane.distances.map { error + u * ($0 + lane.logSum + error) }
  }
}
