import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// Log-probabilities (x_i - m) - ln s.
///
/// Both terms have one sign: nothing cancels, and a logit that dominates keeps its -1e-30, because
/// ln s does. See ``FilterBounds/logarithm(hasExactDifferences:)`` for the bound.
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

  func knownValue(of index: Int) -> ExactValue? {
    logits.lane[index] == -.infinity ? .negativeInfinity : nil
  }

  func enclosure(of index: Int) -> Enclosure? {
    logits.pairLogarithm.map {
      logits.difference(of: index).minus($0.enclosure, precision: SurveyedLogits.precision)
    }
  }
}
