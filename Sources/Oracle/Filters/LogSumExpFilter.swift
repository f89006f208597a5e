import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// m + ln s, one value for the lane.
///
/// Where m is negative the terms cancel: with a bound of e on the relative error of ln s, the value
/// is good to e ln s / |m + ln s| of itself, and one rounding.
///
/// **Double-double**, with u = 2^-53 and e the bound on ln s of ``SurveyedLogits/pairOfLogarithm``:
/// a sum is good to 8 u^2 of the sizes of its terms, so the value is off by **e ln s + 8 u^2 (|m| +
/// ln s)** at most.
struct LogSumExpFilter: OperationFilter {
  let logits: SurveyedLogits

  /// A lane of -inf alone, or with +inf, has an infinite value.
  var special: SpecialLane? { logits.hasNaN ? .holdsNaN : nil }
  var count: Int { 1 }
  var isServed: Bool { logits.hasTwoNumbers }

  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy {
    let (maximum, logarithm) = (logits.maximum, logits.logarithm)
    let value = maximum + logarithm
    let error = FilterBounds.logarithm(hasExactDifferences: logits.hasExactDifferences)
    // A logarithm that vanishes is only an upper bound. Beside another maximum than 0 it is an
    // error of its own size.
    let isKnown = logarithm >= FilterBounds.tailVanishes || maximum == 0
    let relative = (isKnown ? error : 1) * logarithm / abs(value) * (1 + 0x1p-40) + 0x1p-52
    let isOpen = !(relative < 0x1p-30)
    values[0] = isOpen ? .nan : value
    return FilterAccuracy(
      relativeError: isOpen ? error : max(relative, error), leastYardstick: max(1, logarithm))
  }

  var offersPairs: Bool { true }
  var hasPairs: Bool { logits.pairOfLogarithm != nil }

  func evaluatePairs(
    _ high: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>
  ) -> PairAccuracy {
    let (logarithm, error) = logits.pairOfLogarithm ?? (lane_pair(.nan), .infinity)
    let value = lane_pair(logits.maximum) + logarithm
    let sizes = abs(logits.maximum) + logarithm.high
    let relative =
      (error * logarithm.high + 8 * 0x1p-106 * sizes) / abs(value.high) * (1 + 0x1p-40)
    let isOpen = !(relative < 0x1p-86 && abs(logits.maximum) < LANE_PAIR_LIMIT)
    PairAccuracy.write(value, isOpen: isOpen, high, low)
    return PairAccuracy(
      relativeError: isOpen ? error : relative, areNegative: value.high < 0,
      leastYardstick: max(1, logarithm.high))
  }

  func enclosure(of index: Int) -> Enclosure? {
    logits.pairLogarithm.map {
      $0.enclosure.plus(Enclosure(logits.maximum), precision: SurveyedLogits.precision)
    }
  }
}
