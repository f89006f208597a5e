import AuditedOperations
import FloatFormats

/// m + ln l, the running sum l of one pass: the logsumexp of online softmaxes.
///
/// **Bound.** ln of the sum errs by what ``Online`` says of the sum, relatively, and by log itself,
/// l; its sum with m rounds once: |y - L| <= l + u (|L| + l).
///
/// **Domain.** The sum as in ``Online``; no overflow of m + ln l.
enum OnlineLogSumExp: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSumExp }
  static var name: String { "online" }
  static var formula: String { "m + log l, one pass of l = l exp(m - m') + exp(x - m')" }
  static var source: String {
    "Milakov & Gimelshein 2018, arXiv 1805.02867; FlashAttention's logsumexp; bound derived here"
  }
  static var seesDifferencesOnly: Bool { false }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, sum) = RescaledSum.total(lane, summation, Difference.self)
    // The rescaling makes a NaN of a lane with +inf.
    lane[0] = valueIfInfinite(lane, maximum: m) ?? (m + C.log(sum))
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let (m, sum) = RescaledSum.trace(lane, summation, Difference.self, trace)
    return trace.total(m, trace.logarithm(sum), .offset)
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    guard let logError = logError(lane, summation, format) else { return nil }
    let u = C.format.unitRoundoff
    return [logError + u * (abs(lane.maximum + lane.logSum) + logError)]
  }

  /// The greatest distance of ln l from ln s; `nil` where the sum is not sound.
  static func logError<C: BinaryFloat>(
    _ lane: LaneProfile, _ summation: Summation, _ format: C.Type
  ) -> Double? {
    let sum: Tracked<C> = RescaledSum.tracked(
      lane, summation, Difference.self, computingIn: format)
    guard sum.isSound else { return nil }
    return logarithmError(of: sum.total, sum.deviation, magnitude: lane.logSum, format)
  }
}

/// (x_i - m) - ln l, the running sum l of one pass.
///
/// **Bound.** That of ``ShiftedLogSoftmax`` with the error l of ``OnlineLogSumExp``.
///
/// **Domain.** The sum as in ``Online``; no overflow of x_i - m.
enum OnlineLogSoftmax: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSoftmax }
  static var name: String { "online" }
  static var formula: String { "(x - m) - log l, one pass of l = l exp(m - m') + exp(x - m')" }
  static var source: String { "fused kernels of PyTorch and Triton; bound derived here" }
  static var seesDifferencesOnly: Bool { true }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, sum) = RescaledSum.total(lane, summation, Difference.self)
    let logSum = C.log(sum)
    for index in lane.indices { lane[index] = (lane[index] - m) - logSum }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let (m, sum) = RescaledSum.trace(lane, summation, Difference.self, trace)
    let logSum = trace.logarithm(sum)
    let shifted = trace.difference(Staged(lane[index]), m)
    return trace.difference(shifted, logSum, .secondSubtraction)
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    OnlineLogSumExp.logError(lane, summation, format).map {
      ShiftedLogSoftmax.errors(on: lane, logError: $0, computingIn: format)
    }
  }
}
