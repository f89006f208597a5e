import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// The gradient y_i (g_i - sum y_j g_j) of a softmax whose outputs y are given; see
/// ``GradientBounds``.
///
/// Values are rational. An output that is one of them is rare, and left open.
struct SoftmaxBackwardFilter: OperationFilter {
  /// The stored probabilities, surveyed as logits are.
  let probabilities: SurveyedLogits
  let upstream: FilteredUpstream
  private let known = KnownDot()

  var logits: SurveyedLogits { probabilities }
  var special: SpecialLane? {
    probabilities.survey.lackOfNumbers(count: count) ?? upstream.lackOfNumbers
  }
  var count: Int { probabilities.lane.count }
  var hasYardsticks: Bool { true }
  /// Not where stored numbers are so large that kernels would overflow.
  var isServed: Bool {
    let survey = probabilities.survey
    return upstream.serves(probabilities.lane) && max(survey.maximum, -survey.minimum) < 0x1p32
  }

  init(probabilities: SurveyedLogits, upstream: FilteredUpstream) {
    self.probabilities = probabilities
    self.upstream = upstream
  }

  private func dot() -> lane_weighted_sum {
    if let found = known.dot { return found }
    let found = upstream.dot(probabilities.lane)
    known.dot = found
    return found
  }

  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy {
    let (lane, dot) = (probabilities.lane, dot())
    let least = dot.sizes * GradientBounds.sum(count: count) / GradientBounds.partOfStored
    lane.withUnsafeBytes { shares in
      upstream.lane.withUnsafeBytes {
        lane_centre(
          probabilities.level, lane.format.kernelCode, shares.baseAddress, $0.baseAddress, count,
          dot.weighted, dot.sizes, 1, least * (1 + 0x1p-40), values, yardsticks)
      }
    }
    return FilterAccuracy(
      relativeError: GradientBounds.valueOfStored, vanishing: 0,
      leastYardstick: upstream.format.leastNormal)
  }

  func knownValue(of index: Int) -> ExactValue? {
    probabilities.lane[index] == 0 ? .zero : nil
  }

  func enclosure(of index: Int) -> Enclosure? {
    let (precision, dot) = (SurveyedLogits.precision, dot())
    let mean = dot.weighted.enclosure(
      error: dot.sizes * GradientBounds.sum(count: count), precision: precision)
    return Enclosure(upstream.lane[index]).minus(mean, precision: precision)
      .times(BigFloat(probabilities.lane[index]), precision: precision)
  }

  func yardstick(of index: Int) -> Double? {
    abs(probabilities.lane[index]) * (abs(upstream.lane[index]) + dot().sizes)
  }
}

/// The sum of a lane's products, kept for its elements.
private final class KnownDot {
  var dot: lane_weighted_sum?
}
