import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// The loss w (1 - e) ((m - x_t) + ln s) + (e / n) sum w_c ((m - x_c) + ln s), t the class of the
/// lane and w its weight, e the label smoothing.
///
/// All terms are positive. Without smoothing the value is as good as a log-probability, and rounded
/// once more. With it the sum of distances, that of weights and e / n are taken in double-double,
/// see ``GradientBounds``, and rounded to binary64 once: W = w (1 - e) + (e / n) sum w_c times the
/// logarithm, the two terms of distances and their sums take 8 roundings beside the logarithm's
/// error, 10 u in all.
///
/// **Double-double**, with u = 2^-53 and e the bound on ln s of ``SurveyedLogits/pairOfLogarithm``:
/// the difference of logits is exact, and operations are good to 8 u^2. Without smoothing there are
/// a sum and a product: e + 16 u^2. With it the sums over classes are good to what ``LossTotals``
/// says, and two products and two sums of positive numbers come to it, 32 u^2. Where the value is
/// 2^-960 or more and W 2^-200, what underflows is less than u^2 of it: **e + 20 u^2**, or **40
/// u^2** and the error of the sums more.
struct CrossEntropyFilter: OperationFilter {
  let logits: SurveyedLogits
  let labels: FilteredLabels

  var special: SpecialLane? { labels.target == nil ? nil : logits.lackOfProbabilities }
  var count: Int { 1 }
  var isServed: Bool {
    guard let target = labels.target, labels.isServed, logits.hasTwoNumbers else { return false }
    guard labels.smoothing > 0 else { return logits.lane[target] > -.infinity }
    let totals = labels.totals(logits)
    return totals.sum.high > 0 && (totals.isInfinite || totals.distances.high < LANE_PAIR_LIMIT)
  }

  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy {
    let error = FilterBounds.logarithm(hasExactDifferences: logits.hasExactDifferences)
    let distance = logits.maximum - logits.lane[labels.target ?? 0]
    guard labels.smoothing > 0 else {
      values[0] = labels.weight * (distance + logits.logarithm)
      return FilterAccuracy(
        relativeError: error, leastYardstick: max(labels.weight, labels.format.leastNormal))
    }
    let totals = labels.totals(logits)
    let own = totals.own.high == 0 ? 0 : totals.own.high * distance
    let value = (own + totals.distances.high) + totals.sum.high * logits.logarithm
    // A logarithm that vanishes is only an upper bound.
    let isKnown =
      logits.logarithm >= FilterBounds.tailVanishes || value > totals.sum.high * 0x1p-130
    values[0] = totals.isInfinite ? .infinity : isKnown ? value : .nan
    return FilterAccuracy(
      relativeError: error + 10 * 0x1p-53,
      leastYardstick: max(totals.sum.high, labels.format.leastNormal))
  }

  var offersPairs: Bool { true }
  var hasPairs: Bool {
    let weight = labels.smoothing > 0 ? labels.totals(logits).sum.high : labels.weight
    return 0x1p-200...0x1p200 ~= weight && logits.pairOfLogarithm != nil
  }

  func evaluatePairs(
    _ high: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>
  ) -> PairAccuracy {
    let (logarithm, error) = logits.pairOfLogarithm ?? (lane_pair(.nan), .infinity)
    let distance = lane_pair(sumOf: logits.maximum, -logits.lane[labels.target ?? 0])
    func write(_ value: lane_pair) {
      PairAccuracy.write(value, isOpen: !(0x1p-960..<LANE_PAIR_LIMIT ~= value.high), high, low)
    }
    guard labels.smoothing > 0 else {
      write(lane_pair(labels.weight) * (distance + logarithm))
      return PairAccuracy(
        relativeError: error + 20 * 0x1p-106, areNegative: false, leastYardstick: labels.weight)
    }
    let totals = labels.totals(logits)
    if totals.isInfinite {
      (high[0], low[0]) = (.infinity, 0)
    } else {
      let own = totals.own.high == 0 ? lane_pair(0) : totals.own * distance
      write(own + totals.distances + totals.sum * logarithm)
    }
    return PairAccuracy(
      relativeError: error + totals.error + 40 * 0x1p-106, areNegative: false,
      leastYardstick: totals.sum.high)
  }

  func yardstick(of index: Int) -> Double? {
    var value = 0.0
    let accuracy = evaluate(&value, yardsticks: nil)
    return value.isFinite ? max(value, accuracy.leastYardstick) : nil
  }

  func knownValue(of index: Int) -> ExactValue? {
    labels.smoothing > 0 && labels.totals(logits).isInfinite ? .positiveInfinity : nil
  }

  func enclosure(of index: Int) -> Enclosure? {
    let precision = SurveyedLogits.precision
    guard let logarithm = logits.pairLogarithm, let target = labels.target else { return nil }
    let distance = logits.difference(of: target)
    guard labels.smoothing > 0 else {
      return logarithm.enclosure.minus(distance, precision: precision)
        .times(BigFloat(labels.weight), precision: precision)
    }
    let totals = labels.totals(logits)
    let terms = totals.enclosure(of: totals.sum)
      .times(nonnegative: logarithm.enclosure, precision: precision)
      .plus(totals.enclosure(of: totals.distances), precision: precision)
    guard totals.own.high > 0 else { return terms }
    return distance.negated()
      .times(nonnegative: totals.enclosure(of: totals.own), precision: precision)
      .plus(terms, precision: precision)
  }
}
