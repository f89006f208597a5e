import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// The gradient p_i (g_i - sum p_j g_j) of a softmax; see ``GradientBounds``.
struct SoftmaxVJPFilter: OperationFilter {
  let logits: SurveyedLogits
  let upstream: FilteredUpstream
  private let known = KnownMean()

  var special: SpecialLane? { upstream.lackOfNumbers ?? logits.lackOfProbabilities }
  var count: Int { logits.lane.count }
  var hasYardsticks: Bool { true }
  /// Not where all logits are equal.
  var isServed: Bool { upstream.serves(logits.lane) && logits.hasTwoDifferentNumbers }

  init(logits: SurveyedLogits, upstream: FilteredUpstream) {
    self.logits = logits
    self.upstream = upstream
  }

  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy {
    let lane = logits.lane
    let sums = logits.weigh(values, numbers: upstream.lane)
    let size = sums.sizes / sums.sum.high
    var least = size * GradientBounds.terms(count: count) / GradientBounds.part
    // n e^-200 max |g|, n at most 2^24.
    if logits.maximum - logits.survey.minimum > 200 { least += upstream.largest * 0x1p-210 }
    upstream.lane.withUnsafeBytes {
      lane_centre(
        logits.level, lane.format.kernelCode, nil, $0.baseAddress, count,
        sums.weighted / sums.sum, size, 1 / sums.sum.high, least * (1 + 0x1p-40), values,
        yardsticks)
    }
    known.size = size
    known.sum = sums.sum.high
    return FilterAccuracy(
      relativeError: GradientBounds.value,
      vanishing: GradientBounds.vanishes * 2 * upstream.largest,
      leastYardstick: upstream.format.leastNormal)
  }

  func knownValue(of index: Int) -> ExactValue? {
    logits.lane[index] == -.infinity ? .zero : nil
  }

  func enclosure(of index: Int) -> Enclosure? {
    let precision = SurveyedLogits.precision
    guard let total = logits.pairTotal() else { return nil }
    let mean =
      known.mean
      ?? SharedEnclosure(
        logits.pairSum(of: upstream.lane).divided(by: total, precision: precision))
    known.mean = mean
    return Enclosure(upstream.lane[index]).minus(mean.enclosure, precision: precision)
      .times(nonnegative: logits.exponential(of: index), precision: precision)
      .divided(by: total, precision: precision)
  }

  func yardstick(of index: Int) -> Double? {
    guard let sum = known.sum, let size = known.size else { return nil }
    return logits.approximateExponential(of: index) / sum * (abs(upstream.lane[index]) + size)
  }
}

/// The mean of a lane's derivatives and the sum of its exponentials, kept for its elements.
private final class KnownMean {
  /// sum p |g|, and s.
  var size, sum: Double?
  /// sum p g by double-double.
  var mean: SharedEnclosure?
}
