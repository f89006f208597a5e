import AuditedOperations
import FloatFormats
import RealModule

/// The logarithm of a sum of exponentials without its dominant term: ln(1 + r), r the sum of the
/// others relative to it.
///
/// **Bound.** r is the sum of the lane without its first largest logit, tracked as in ``MaxTrick``,
/// r - under and r + over. The logarithm is then off by at most the larger of ln(1 + over / (1 +
/// r)) and -ln(1 - under / (1 + r)), the second never more than ln(1 + r) since no computed r is
/// negative; and log1p errs by kappa (ln(1 + r) + that), or a few eta where its result is
/// subnormal. Small r keep their digits: ln(1 + r) is near r, and no 1 is added that would round
/// them away. So the log-probability of a dominant logit has a small relative error, where the
/// logarithm of the whole sum has lost all digits.
///
/// **Domain.** No overflow of the sum.
enum LogarithmOnePlus {
  @inline(__always)
  static func logSum<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) -> (maximum: C, logSum: C) {
    let dominant = dominantIndex(lane.count) { lane[$0] }
    let m = lane[dominant]
    guard lane.count > 1 else { return (m, .zero) }
    let rest = summation.sum(count: lane.count - 1) {
      Unscaled(Rounded(C.exp(lane[$0 < dominant ? $0 : $0 + 1] - m)))
    }
    return (m, C.log(onePlus: rest.number.value))
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, _ trace: StageTrace
  ) -> (maximum: Staged<C>, logSum: Staged<C>) {
    let dominant = dominantIndex(lane.count) { lane[$0] }
    let m = Staged(lane[dominant])
    guard lane.count > 1 else { return (m, Staged(C.zero)) }
    var rest = lane
    rest.remove(at: dominant)
    let terms = rest.map { trace.exponential(trace.difference(Staged($0), m)) }
    return (m, trace.logarithmOnePlus(trace.sum(terms, summation)))
  }

  /// The greatest distance of the computed logarithm from ln s; `nil` where the sum can overflow.
  static func error<C: BinaryFloat>(
    _ lane: LaneProfile, _ summation: Summation, _ format: C.Type
  ) -> Double? {
    guard lane.count > 1 else { return 0 }
    let dominant = dominantIndex(lane.count) { lane.logits[$0] }
    let terms = Difference.deviations(on: lane, computingIn: format)
    let rest: Tracked<C> = summation.sum(count: lane.count - 1) {
      let index = $0 < dominant ? $0 : $0 + 1
      return Unscaled(Tracked<C>(lane.weights[index], terms[index]))
    }.number
    guard rest.largest < C.format.greatestFinite, !rest.mayOverflow else { return nil }
    let whole = 1 + rest.total
    let over = Double.log(onePlus: rest.over / whole)
    // What is subtracted from 1 is at most 1 - 2^-6, so that little is lost in it.
    let under =
      rest.under <= whole * (1 - 0x1p-6)
      ? min(-Double.log(onePlus: -rest.under / whole), lane.logSum) : lane.logSum
    let moved = max(over, under)
    let accuracy = ElementaryAccuracy.ofLogarithmOnePlus(C.format)
    let largest = lane.logSum + moved
    // Nothing but logits of -inf beside the largest: log1p(0) is 0.
    guard largest > 0 else { return 0 }
    return moved + max(accuracy.relative * largest, accuracy.ulps * C.format.leastSubnormal)
  }

  /// The index of the first largest number; 0 where the first is NaN.
  @inline(__always)
  private static func dominantIndex<C: Comparable>(_ count: Int, _ number: (Int) -> C) -> Int {
    var dominant = 0
    for index in 0..<count where number(index) > number(dominant) { dominant = index }
    return dominant
  }
}

/// m + ln(1 + r), r the sum of the other exponentials.
///
/// **Bound.** The logarithm as in ``LogarithmOnePlus``, l, and its sum with m rounds once: |y - L|
/// <= l + u (|L| + l).
///
/// **Domain.** As there; no overflow of m + ln(1 + r).
enum OnePlusLogSumExp: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSumExp }
  static var name: String { "log1p" }
  static var formula: String { "m + log1p(sum of the other exp(x - m))" }
  static var source: String { "Blanchard, Higham & Higham 2021, Algorithm 3.1; bound derived here" }
  static var seesDifferencesOnly: Bool { false }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, logSum) = LogarithmOnePlus.logSum(lane, summation)
    lane[0] = valueIfInfinite(lane, maximum: m) ?? (m + logSum)
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let (m, logSum) = LogarithmOnePlus.trace(lane, summation, trace)
    return trace.total(m, logSum, .offset)
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    guard let logError = LogarithmOnePlus.error(lane, summation, format) else { return nil }
    let u = C.format.unitRoundoff
    return [logError + u * (abs(lane.maximum + lane.logSum) + logError)]
  }
}

/// (x_i - m) - ln(1 + r), r the sum of the other exponentials.
///
/// **Bound.** With the error l of ``LogarithmOnePlus``, E = d_i u + l, and the second difference
/// rounds once: |y - l_i| <= E + u (|l_i| + E). For the largest logits x_i - m is 0 and the
/// difference exact, so that |y - l_i| <= l.
///
/// **Domain.** As there; no overflow of x_i - m.
enum OnePlusLogSoftmax: LogarithmAlgorithm {
  static var operation: AuditedOperation { .logSoftmax }
  static var name: String { "log1p" }
  static var formula: String { "(x - m) - log1p(sum of the other exp(x - m))" }
  static var source: String {
    "Blanchard, Higham & Higham 2021, (1.4) with log1p; bound derived here"
  }
  static var seesDifferencesOnly: Bool { true }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, logSum) = LogarithmOnePlus.logSum(lane, summation)
    for index in lane.indices { lane[index] = (lane[index] - m) - logSum }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let (m, logSum) = LogarithmOnePlus.trace(lane, summation, trace)
    let shifted = trace.difference(Staged(lane[index]), m)
    return trace.difference(shifted, logSum, .secondSubtraction)
  }

  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]? {
    guard let logError = LogarithmOnePlus.error(lane, summation, format) else { return nil }
    let u = C.format.unitRoundoff
    return lane.distances.map {
      guard $0 > 0 else { return logError }
      let error = $0 * u + logError
      return error + u * ($0 + lane.logSum + error)
    }
  }
}
