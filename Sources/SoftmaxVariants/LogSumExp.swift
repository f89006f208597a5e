import AuditedOperations
import FloatFormats
import RealModule

/// exp(x_i - (m + log s)): the softmax as the exponential of a log-probability.
///
/// **Bound.** log s errs by log((s +- error) / s) and log's own relative error; adding m rounds an
/// amount of size |y|, y = m + log s, and x_i - y rounds once more. An absolute error t of the
/// argument becomes a factor e^(+-t), so each output errs by about (|y| + |log p_i| + S/u + ...) u:
/// **the error grows with the offset of the logits.** Theorem 4.4 of Blanchard, Higham & Higham
/// 2021 leaves the rounding of m + log s out as innocuous, and is exceeded 28 000 times on logits
/// near 10^6 in float32; the |y| u here is that rounding.
///
/// **Domain.** The sum as in ``MaxTrick``; |y| below overflow; and an error of the exponent below
/// half of log of the largest float, and 50, beyond which the output can overflow or has no correct
/// digit.
enum LogSumExp: SoftmaxAlgorithm {
  static var name: String { "logsumexp" }
  static var formula: String { "exp(x - (m + log sum exp(x - m)))" }
  static var source: String {
    "Blanchard, Higham & Higham 2021, division-free form; bound corrected here"
  }
  static var addsOnesForEqualLogits: Bool { false }
  static var seesDifferencesOnly: Bool { false }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, sum) = DirectSum.total(lane, summation, Difference.self)
    let y = m + C.log(sum)
    for index in lane.indices { lane[index] = C.exp(lane[index] - y) }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let m: Staged<C> = maximum(lane)
    let sum = trace.sum(MaxTrick.shiftedExponentials(lane, trace), summation)
    let y = trace.total(m, trace.logarithm(sum), .offset)
    return trace.exponential(
      trace.difference(Staged(lane[index]), y, .secondSubtraction), .secondExponential)
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    let sum = DirectSum.tracked(lane, summation, Difference.self, computingIn: format)
    guard let logError = logError(of: sum, lane) else { return nil }
    let u = C.format.unitRoundoff
    let y = abs(lane.maximum + lane.logSum)
    guard y + logError < C.format.greatestFinite * (1 - u) else { return nil }
    let error = logError + u * (y + logError)
    return exponentials(lane, format, sharedError: error) { logProbability in
      error + u * (logProbability + error)
    }
  }

  /// The greatest distance of the computed log s from the exact one.
  ///
  /// The computed sum is at least 1, for it contains exp(0) = 1 and rounding is monotone, so its
  /// logarithm is nonnegative and log's relative error applies to at most log s plus the error of
  /// the sum.
  ///
  /// nil where the sum is not sound.
  static func logError<C: BinaryFloat>(of sum: Tracked<C>, _ lane: LaneProfile) -> Double? {
    guard sum.isSound else { return nil }
    let over = Double.log(onePlus: sum.over / sum.total)
    let under = min(-Double.log(onePlus: -sum.deviation.under / sum.total), lane.logSum)
    return max(over, under) + ArithmeticModel<C>.elementary.relative * (lane.logSum + over)
  }

  /// The deviations of exp(argument) given the error of each argument as a function of |log p_i|.
  static func exponentials<C: BinaryFloat>(
    _ lane: LaneProfile, _ format: C.Type, sharedError: Double,
    argumentError: (_ logProbability: Double) -> Double
  ) -> [Deviation]? {
    guard sharedError < min(50, Double.log(C.format.greatestFinite) / 2) else { return nil }
    return lane.weights.indices.map {
      let distance = lane.distances[$0] + lane.logSum
      return ArithmeticModel<C>.exponential(
        distance: distance, value: lane.probability($0), argumentError: argumentError(distance))
    }
  }
}

/// exp((x_i - m) - log s): the division-free softmax that keeps the shift.
///
/// **Bound.** As ``LogSumExp`` without the |y|: x_i - m errs by d_i u, the second subtraction by u
/// |log p_i|, and log s as there. First order in u: S/u + 2 d_i + sum_j p_j d_j + (1 + kappa) log s
/// + 2 kappa, independent of the offset.
///
/// **Domain.** As ``LogSumExp``.
enum LogSumExpShifted: SoftmaxAlgorithm {
  static var name: String { "logsumexp-shifted" }
  static var formula: String { "exp((x - m) - log sum exp(x - m))" }
  static var source: String { "exp of the usual log-softmax; bound derived here" }
  static var addsOnesForEqualLogits: Bool { false }
  static var seesDifferencesOnly: Bool { true }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, sum) = DirectSum.total(lane, summation, Difference.self)
    let logSum = C.log(sum)
    for index in lane.indices { lane[index] = C.exp((lane[index] - m) - logSum) }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let logSum = trace.logarithm(
      trace.sum(MaxTrick.shiftedExponentials(lane, trace), summation))
    let shifted = trace.difference(Staged(lane[index]), maximum(lane))
    return trace.exponential(
      trace.difference(shifted, logSum, .secondSubtraction), .secondExponential)
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    let sum = DirectSum.tracked(lane, summation, Difference.self, computingIn: format)
    return deviations(on: lane, logError: LogSumExp.logError(of: sum, lane), format)
  }

  /// The deviations of exp((x - m) - log s), given how far the computed logarithm can be off.
  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, logError: Double?, _ format: C.Type
  ) -> [Deviation]? {
    guard let logError else { return nil }
    let u = C.format.unitRoundoff
    return LogSumExp.exponentials(lane, format, sharedError: logError) { logProbability in
      // |log p_i| = d_i + log s bounds d_i from above; the difference is d_i itself.
      let distance = logProbability - lane.logSum
      let error = distance * u + logError
      return error + u * (logProbability + error)
    }
  }
}
