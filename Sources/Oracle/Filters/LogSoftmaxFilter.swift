import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// Log-probabilities (x_i - m) - ln s.
///
/// Both terms have one sign: nothing cancels, and a logit that dominates keeps its -1e-30, because
/// ln s does. See ``FilterBounds/logarithm(hasExactDifferences:)`` for the bound in binary64.
///
/// **Double-double**, with u = 2^-53, e the bound on ln s of ``SurveyedLogits/pairOfLogarithm``,
/// and v the size of the value. TwoSum gives m - x = d + d' and d + l = a + a' without an error, l
/// + l' being the logarithm. What is left, a' + (d' + l'), is below 2 u v: d' + l' is below u v and
/// rounds by u^2 v at most, the sum by 2 u^2 v. FastTwoSum makes a pair of both without an error.
/// Nothing underflows that counts: v is 2^-901 or more. Scaling is exact, as v is below 2^402. The
/// values are good to **e + 4 u^2**.
struct LogSoftmaxFilter: OperationFilter {
  let logits: SurveyedLogits

  var count: Int { logits.lane.count }
  var isServed: Bool { logits.hasTwoNumbers }

  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy {
    let (lane, logarithm) = (logits.lane, logits.logarithm)
    lane.withUnsafeBytes {
      lane_log_probabilities(
        logits.level, lane.format.kernelCode, $0.baseAddress, lane.count, logits.maximum,
        logarithm, values)
    }
    return FilterAccuracy(
      relativeError: FilterBounds.logarithm(hasExactDifferences: logits.hasExactDifferences),
      leastYardstick: 1)
  }

  var offersPairs: Bool { true }
  var hasPairs: Bool { logits.pairOfLogarithm != nil }

  func evaluatePairs(
    _ high: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>
  ) -> PairAccuracy {
    let (lane, logarithm) = (logits.lane, logits.pairOfLogarithm ?? (lane_pair(.nan), .infinity))
    lane.withUnsafeBytes {
      lane_log_probability_pairs(
        logits.level, lane.format.kernelCode, $0.baseAddress, lane.count, logits.maximum,
        logarithm.value, high, low)
    }
    return PairAccuracy(
      relativeError: logarithm.relativeError + 4 * 0x1p-106, areNegative: true, leastYardstick: 1)
  }

  func knownValue(of index: Int) -> ExactValue? {
    logits.lane[index] == -.infinity ? .negativeInfinity : nil
  }

  func enclosure(of index: Int) -> Enclosure? {
    logits.pairLogarithm.map {
      logits.difference(of: index).minus($0.enclosure, precision: SurveyedLogits.precision)
    }
  }
}
