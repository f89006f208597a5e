import AuditedOperations
import FloatFormats
import RealModule

/// ln sum exp(x_j): the logsumexp of its definition.
///
/// **Bound.** The sum as in ``Naive``, tracked relative to e^m; ln of it is off by what the sum is,
/// relatively, and errs by kappa (|L| + that).
///
/// **Domain.** That of ``Naive``: no overflow of the sum, and a sum that cannot vanish.
enum NaiveLogSumExp: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSumExp }
  static var name: String { "naive" }
  static var formula: String { "log sum exp(x)" }
  static var source: String { "the definition; bound derived here" }
  static var seesDifferencesOnly: Bool { false }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    // A compensated sum makes a NaN of an infinite term, where the value is +inf.
    lane[0] = valueIfInfinite(lane, maximum: maximum(lane)) ?? logSum(lane, summation)
  }

  @inline(__always)
  static func logSum<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) -> C {
    C.log(
      summation.sum(count: lane.count) { Unscaled(Rounded(C.exp(lane[$0]))) }.number.value)
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    trace.logarithm(trace.sum(lane.map { trace.exponential(Staged($0)) }, summation))
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    guard let sum: Tracked<C> = Naive.tracked(lane, summation, format)?.sum else { return nil }
    return logarithmError(
      of: sum.total, sum.deviation, magnitude: abs(lane.maximum + lane.logSum), format
    ).map { [$0] }
  }
}

/// x_i - ln sum exp(x_j): the log-softmax of its definition.
///
/// **Bound.** That of ``NaiveLogSumExp``, T, and the difference: T + u (|l_i| + T).
///
/// **Domain.** That of ``Naive``.
enum NaiveLogSoftmax: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSoftmax }
  static var name: String { "naive" }
  static var formula: String { "x - log sum exp(x)" }
  static var source: String { "the definition; bound derived here" }
  static var seesDifferencesOnly: Bool { false }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let y = NaiveLogSumExp.logSum(lane, summation)
    for index in lane.indices { lane[index] = lane[index] - y }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let y = NaiveLogSumExp.trace(lane, summation, at: 0, trace)
    return trace.difference(Staged(lane[index]), y)
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    guard let error = NaiveLogSumExp.errors(on: lane, summation, computingIn: format)?.first
    else { return nil }
    let u = C.format.unitRoundoff
    return lane.distances.map { error + u * ($0 + lane.logSum + error) }
  }
}
