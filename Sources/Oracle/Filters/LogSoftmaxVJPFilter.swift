import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// The gradient g_i - p_i sum g_j of a log-softmax; see ``GradientBounds``.
struct LogSoftmaxVJPFilter: OperationFilter {
  let logits: SurveyedLogits
  let upstream: FilteredUpstream
  private let known = KnownSum()

  var special: SpecialLane? { upstream.lackOfNumbers ?? logits.lackOfProbabilities }
  var count: Int { logits.lane.count }
  var hasYardsticks: Bool { true }
  /// Not where all logits are equal, nor where the derivatives balance, as far as binary64 tells:
  /// then values are the derivatives themselves.
  var isServed: Bool {
    upstream.serves(logits.lane) && logits.hasTwoDifferentNumbers
      && abs(sums().weighted.high) > sums().sizes * 0x1p-50
  }

  init(logits: SurveyedLogits, upstream: FilteredUpstream) {
    self.logits = logits
    self.upstream = upstream
  }

  /// sum g, and sum |g|.
  private func sums() -> lane_weighted_sum {
    if let found = known.sums { return found }
    let found = upstream.dot(nil)
    known.sums = found
    return found
  }

  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy {
    let (lane, sums) = (logits.lane, sums())
    let total = logits.weigh(values, low: yardsticks).sum
    let size = sums.sizes / total.high
    upstream.lane.withUnsafeBytes {
      lane_less_share(
        logits.level, lane.format.kernelCode, $0.baseAddress, count, lane_pair(1),
        sums.weighted / total, size, GradientBounds.terms(count: count) / GradientBounds.part,
        size * 2 * GradientBounds.vanishes / GradientBounds.part, values, yardsticks)
    }
    known.total = total.high
    return FilterAccuracy(
      relativeError: GradientBounds.value, vanishing: 2 * GradientBounds.vanishes * size,
      leastYardstick: upstream.format.leastNormal)
  }

  /// That of a masked logit, whose derivative passes.
  func knownValue(of index: Int) -> ExactValue? {
    guard logits.lane[index] == -.infinity else { return nil }
    let own = upstream.lane[index]
    return own == 0 ? .zero : ExactValue(Enclosure(own), in: upstream.format)
  }

  func enclosure(of index: Int) -> Enclosure? {
    let (precision, sums) = (SurveyedLogits.precision, sums())
    guard let total = logits.pairTotal() else { return nil }
    let share = sums.weighted.enclosure(
      error: sums.sizes * GradientBounds.sum(count: count), precision: precision
    )
    .times(nonnegative: logits.exponential(of: index), precision: precision)
    .divided(by: total, precision: precision)
    return Enclosure(upstream.lane[index]).minus(share, precision: precision)
  }

  func yardstick(of index: Int) -> Double? {
    guard let total = known.total else { return nil }
    let share = logits.approximateExponential(of: index) / total
    return abs(upstream.lane[index]) + share * sums().sizes
  }
}

/// The sums of a lane's derivatives and exponentials, kept for its elements.
private final class KnownSum {
  var sums: lane_weighted_sum?
  var total: Double?
}
