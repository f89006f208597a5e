import AuditedOperations
import FloatFormats
import MultiPrecision

/// m + ln s, one value for the lane.
///
/// Where m is negative the terms cancel: with a bound of e on the relative error of ln s, the value
/// is good to e ln s / |m + ln s| of itself, and one rounding.
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

  func enclosure(of index: Int) -> Enclosure? {
    logits.pairLogarithm.map {
      $0.enclosure.plus(Enclosure(logits.maximum), precision: SurveyedLogits.precision)
    }
  }
}
