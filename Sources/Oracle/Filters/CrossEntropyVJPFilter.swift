import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// The gradient p_i W - q_i of a loss, q_i = w (1 - e) [i = t] + (e / n) w_i and W the sum of all
/// q, t the class of the lane and w its weight, e the label smoothing.
///
/// Without smoothing nothing cancels: at the class the value is -w times the sum of all other
/// exponentials over s. Of a class whose logit is the only largest that is the tail; of any other
/// p_t <= 1/2. With smoothing p_i W and q_i may be near to each other, see ``GradientBounds``.
struct CrossEntropyVJPFilter: OperationFilter {
  let logits: SurveyedLogits
  let labels: FilteredLabels

  var special: SpecialLane? { labels.target == nil ? nil : logits.lackOfProbabilities }
  var count: Int { logits.lane.count }
  var hasYardsticks: Bool { true }
  /// Not where all logits are equal.
  var isServed: Bool {
    guard labels.target != nil, labels.isServed, logits.hasTwoDifferentNumbers else {
      return false
    }
    guard labels.smoothing > 0 else { return true }
    return max(logits.lane.format.precision, labels.format.precision) <= 24
      && labels.totals(logits).sum.high > 0
  }

  /// Whether the logit of the class is the only largest.
  private var isTargetOnTop: Bool {
    labels.target.map { logits.lane[$0] == logits.maximum } == true && logits.tail.ties == 1
  }

  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy {
    if labels.smoothing > 0, let yardsticks { return evaluateSmoothed(values, yardsticks) }
    let (lane, weight, target) = (logits.lane, labels.weight, labels.target ?? 0)
    let sum = logits.exponentials(values)
    let total = Double(sum.ties) + sum.high
    let own = values[target]
    lane_multiply(logits.level, values, lane.count, weight / total)
    yardsticks?.update(from: values, count: lane.count)
    yardsticks?[target] = weight * (1 + own / total)
    let isOnTop = lane[target] == logits.maximum && sum.ties == 1
    // -w is rational.
    values[target] = own == 0 ? .nan : -weight * ((isOnTop ? sum.high : total - own) / total)
    return FilterAccuracy(
      relativeError: FilterBounds.single(hasExactDifferences: logits.hasExactDifferences)
        + 0x1p-50,
      vanishing: min(1, weight) * FilterBounds.tailVanishes,
      // One probability is less than 1, and so is what others leave of it.
      cap: weight.significand == 1 ? weight : .infinity,
      leastYardstick: labels.format.leastNormal)
  }

  private func evaluateSmoothed(
    _ values: UnsafeMutablePointer<Double>, _ yardsticks: UnsafeMutablePointer<Double>
  ) -> FilterAccuracy {
    let (lane, target, totals) = (logits.lane, labels.target ?? 0, labels.totals(logits))
    let sum = logits.weigh(values, low: yardsticks).sum
    let share = totals.sum / sum
    let error = GradientBounds.terms(count: lane.count) / GradientBounds.part
    let least = share.high * 2 * GradientBounds.vanishes / GradientBounds.part
    let own = lane_pair(high: values[target], low: yardsticks[target]) * share
    let spread = totals.share * lane_pair(labels.weights?[target] ?? 1)
    labels.withWeights {
      lane_less_share(
        logits.level, FloatFormat.float64.kernelCode, $0, lane.count, -totals.share, -share,
        share.high, error, least, values, yardsticks)
    }
    let value = (own + -(totals.own + spread)).high
    yardsticks[target] = own.high + (totals.own.high + spread.high)
    let isOpen = abs(value) < yardsticks[target] * error + least || own.high == 0
    values[target] = isOpen ? .nan : value
    return FilterAccuracy(
      relativeError: GradientBounds.value, vanishing: 2 * GradientBounds.vanishes * share.high,
      leastYardstick: labels.format.leastNormal)
  }

  func knownValue(of index: Int) -> ExactValue? {
    let isSpread = labels.smoothing > 0 && (labels.weights?[index] ?? 1) > 0
    return logits.lane[index] == -.infinity && index != labels.target && !isSpread ? .zero : nil
  }

  func enclosure(of index: Int) -> Enclosure? {
    let precision = SurveyedLogits.precision
    if labels.smoothing > 0 { return smoothedEnclosure(of: index) }
    guard logits.lane[index] > -.infinity, let total = logits.pairTotal() else { return nil }
    let weight = BigFloat(labels.weight)
    if index == labels.target, isTargetOnTop, let tail = logits.pairTail {
      return tail.enclosure.divided(by: total, precision: precision)
        .times(weight, precision: precision).negated()
    }
    let own = logits.exponential(of: index)
    let value = index == labels.target ? own.minus(total, precision: precision) : own
    return value.divided(by: total, precision: precision).times(weight, precision: precision)
  }

  private func smoothedEnclosure(of index: Int) -> Enclosure? {
    let (precision, totals) = (SurveyedLogits.precision, labels.totals(logits))
    var coefficient = Enclosure(labels.smoothing)
      .divided(
        by: Enclosure(exactly: BigFloat(integer: UInt64(count))), precision: precision
      )
      .times(BigFloat(labels.weights?[index] ?? 1), precision: precision)
    if index == labels.target {
      coefficient = Enclosure(1).minus(Enclosure(labels.smoothing), precision: precision)
        .times(BigFloat(labels.weight), precision: precision)
        .plus(coefficient, precision: precision)
    }
    guard logits.lane[index] > -.infinity else { return coefficient.negated() }
    guard let total = logits.pairTotal() else { return nil }
    return logits.exponential(of: index)
      .times(nonnegative: totals.enclosure(of: totals.sum), precision: precision)
      .divided(by: total, precision: precision)
      .minus(coefficient, precision: precision)
  }

  func yardstick(of index: Int) -> Double? {
    let sum = Double(logits.tail.ties) + logits.tail.high
    let share = logits.approximateExponential(of: index) / sum
    guard labels.smoothing > 0 else {
      return labels.weight * (share + (index == labels.target ? 1 : 0))
    }
    let totals = labels.totals(logits)
    return totals.sum.high * share + totals.share.high * (labels.weights?[index] ?? 1)
      + (index == labels.target ? totals.own.high : 0)
  }
}
