import AuditedOperations
import CLaneKernels
import FloatFormats
import MultiPrecision

/// The gradient w (p_i - [i = t]) of a loss without label smoothing, t its class and w the weight
/// of that.
///
/// Nothing cancels: at the class the value is -w times the sum of all other exponentials over s. Of
/// a class whose logit is the only largest that is the tail; of any other p_t <= 1/2.
struct CrossEntropyVJPFilter: OperationFilter {
  let logits: SurveyedLogits
  let labels: FilteredLabels

  var special: SpecialLane? { labels.target == nil ? nil : logits.lackOfProbabilities }
  var count: Int { logits.lane.count }
  var hasYardsticks: Bool { true }
  /// Whether values are irrational: they are rational where all logits are equal.
  var hasIrrationalValues: Bool {
    labels.target != nil && labels.weight > 0 && logits.hasTwoDifferentNumbers
  }

  /// Whether the logit of the class is the only largest.
  private var isTargetOnTop: Bool {
    labels.target.map { logits.lane[$0] == logits.maximum } == true && logits.tail.ties == 1
  }

  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy {
    let (lane, weight, target) = (logits.lane, labels.weight, labels.target ?? 0)
    let sum = logits.exponentials(values)
    let total = Double(sum.ties) + sum.high
    let own = values[target]
    lane_multiply(logits.level, values, lane.count, weight / total)
    yardsticks?.update(from: values, count: lane.count)
    yardsticks?[target] = weight * (1 + own / total)
    let isOnTop = lane[target] == logits.maximum && sum.ties == 1
    // -w is rational.
    values[target] =
      own == 0 ? .nan : -weight * ((isOnTop ? sum.high : total - own) / total)
    return FilterAccuracy(
      relativeError: FilterBounds.single(hasExactDifferences: logits.hasExactDifferences)
        + 0x1p-50,
      vanishing: min(1, weight) * FilterBounds.tailVanishes,
      // One probability is less than 1, and so is what others leave of it.
      cap: weight.significand == 1 ? weight : .infinity,
      leastYardstick: labels.format.leastNormal)
  }

  func knownValue(of index: Int) -> ExactValue? {
    logits.lane[index] == -.infinity && index != labels.target ? .zero : nil
  }

  func enclosure(of index: Int) -> Enclosure? {
    let precision = SurveyedLogits.precision
    guard let tail = logits.pairTail, logits.lane[index] > -.infinity else { return nil }
    let total = Enclosure(exactly: BigFloat(integer: logits.tail.ties))
      .plus(tail.enclosure, precision: precision)
    let weight = BigFloat(labels.weight)
    if index == labels.target, isTargetOnTop {
      return tail.enclosure.divided(by: total, precision: precision)
        .times(weight, precision: precision).negated()
    }
    let difference = logits.difference(of: index)
    var own = Enclosure(precision: precision)
    own.lower.setExponential(difference.lower, .down)
    own.upper.setExponential(difference.upper, .up)
    let value = index == labels.target ? own.minus(total, precision: precision) : own.copy()
    return value.divided(by: total, precision: precision).times(weight, precision: precision)
  }

  func yardstick(of index: Int) -> Double? {
    let sum = Double(logits.tail.ties) + logits.tail.high
    let share = logits.approximateExponential(of: index) / sum
    return labels.weight * (share + (index == labels.target ? 1 : 0))
  }
}
