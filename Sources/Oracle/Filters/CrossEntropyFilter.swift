import AuditedOperations
import FloatFormats
import MultiPrecision

/// The loss w ((m - x_t) + ln s) of a lane without label smoothing, t its class and w the weight of
/// that.
///
/// All terms are positive: the value is as good as a log-probability, and rounded once more.
struct CrossEntropyFilter: OperationFilter {
  let logits: SurveyedLogits
  let labels: FilteredLabels

  var special: SpecialLane? { labels.target == nil ? nil : logits.lackOfProbabilities }
  var count: Int { 1 }
  var hasIrrationalValues: Bool {
    guard let target = labels.target, labels.weight > 0, logits.hasTwoNumbers else { return false }
    return logits.lane[target] > -.infinity
  }

  func evaluate(
    _ values: UnsafeMutablePointer<Double>, yardsticks: UnsafeMutablePointer<Double>?
  ) -> FilterAccuracy {
    let distance = logits.maximum - logits.lane[labels.target ?? 0]
    values[0] = labels.weight * (distance + logits.logarithm)
    return FilterAccuracy(
      relativeError: FilterBounds.logarithm(hasExactDifferences: logits.hasExactDifferences),
      leastYardstick: max(labels.weight, labels.format.leastNormal))
  }

  func yardstick(of index: Int) -> Double? {
    var value = 0.0
    let accuracy = evaluate(&value, yardsticks: nil)
    return max(value, accuracy.leastYardstick)
  }

  func enclosure(of index: Int) -> Enclosure? {
    guard let logarithm = logits.pairLogarithm, let target = labels.target else { return nil }
    return logarithm.enclosure
      .minus(logits.difference(of: target), precision: SurveyedLogits.precision)
      .times(BigFloat(labels.weight), precision: SurveyedLogits.precision)
  }
}

/// The class of a lane whose loss has no label smoothing, and the weight of that.
struct FilteredLabels {
  /// `nil` for the ignored one.
  let target: Int?
  let weight: Double
  /// The format of the outputs.
  let format: FloatFormat

  init(_ target: Int64?, _ parameters: CrossEntropyParameters, _ format: FloatFormat) {
    self.target = target == parameters.ignoreIndex ? nil : target.map { Int($0) }
    weight = self.target.map { parameters.weight($0) } ?? 0
    self.format = format
  }
}
