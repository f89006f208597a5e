import AuditedOperations
import FloatFormats

/// (x_i - m) - ln sum exp(x_j - m): the usual log-softmax.
///
/// **Bound.** The difference x_i - m errs by d_i u, ln s by l, and the second difference rounds
/// once: E = d_i u + l, |y - l_i| <= E + u (|l_i| + E). It does not depend on the offset of the
/// logits, and lies near u for a dominant logit, however near 0 its log-probability is.
///
/// **Domain.** The sum as in ``MaxTrick``; no overflow of x_i - m.
enum ShiftedLogSoftmax: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSoftmax }
  static var name: String { "logsumexp-shifted" }
  static var formula: String { "(x - m) - log sum exp(x - m)" }
  static var source: String { "common in libraries; bound derived here" }
  static var seesDifferencesOnly: Bool { true }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, sum) = DirectSum.total(lane, summation, Difference.self)
    let logSum = C.log(sum)
    for index in lane.indices { lane[index] = (lane[index] - m) - logSum }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let logSum = trace.logarithm(
      trace.sum(MaxTrick.shiftedExponentials(lane, trace), summation))
    let shifted = trace.difference(Staged(lane[index]), maximum(lane))
    return trace.difference(shifted, logSum, .secondSubtraction)
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    logSumError(lane, summation, format).map {
      errors(on: lane, logError: $0, computingIn: format)
    }
  }

  /// The errors, given that of the logarithm of the sum.
  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, logError: Double, computingIn format: C.Type
  ) -> [Double] {
    let u = C.format.unitRoundoff
    return lane.distances.map {
      let error = $0 * u + logError
      return error + u * ($0 + lane.logSum + error)
    }
  }
}
