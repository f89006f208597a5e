import AuditedOperations
import FloatFormats

/// m + ln sum exp(x_j - m): the usual logsumexp.
///
/// **Bound.** ln s errs by l, and the sum with m rounds once: |y - L| <= l + u (|L| + l). Where m
/// and ln s cancel the error stays, and no digit may be right.
///
/// **Domain.** The sum as in ``MaxTrick``; no overflow of m + ln s.
enum MaxTrickLogSumExp: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSumExp }
  static var name: String { "max-trick" }
  static var formula: String { "m + log sum exp(x - m)" }
  static var source: String { "Blanchard, Higham & Higham 2021, Algorithm 3.1 without log1p" }
  static var seesDifferencesOnly: Bool { false }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, sum) = DirectSum.total(lane, summation, Difference.self)
    // The shift makes a NaN of a lane of -inf only, and of one with +inf.
    lane[0] = valueIfInfinite(lane, maximum: m) ?? (m + C.log(sum))
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let sum = trace.sum(MaxTrick.shiftedExponentials(lane, trace), summation)
    return trace.total(maximum(lane), trace.logarithm(sum), .offset)
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    guard let logError = logSumError(lane, summation, format) else { return nil }
    let u = C.format.unitRoundoff
    return [logError + u * (abs(lane.maximum + lane.logSum) + logError)]
  }
}
