import FloatFormats
import MultiPrecision

/// The exact softmax of a lane, each value in an interval less than 2^-2000 of itself wide.
package enum ExactSoftmax {
  /// The probabilities of finite or -inf logits of which one at least is finite.
  package static func probabilities(_ logits: [Double]) -> [ExactReal] {
    let maximum = logits.max() ?? 0
    let farthest = logits.filter(\.isFinite).map { maximum - $0 }.max() ?? 0
    let closest = logits.filter(\.isFinite).map { maximum - $0 }.filter { $0 > 0 }.min() ?? 1
    // e^-d is a summand at the scale of 1: 1.45 d more bits keep what it leaves of 1 - p. With
    // nearly equal logits 1/n - p is near a power of two, up to its third order.
    let precision = 2200 + Int(1.45 * min(farthest, 8000)) + (closest < 0x1p-400 ? 3000 : 0)
    var weights: [Double: ExactReal] = [:]
    for logit in logits where logit > -.infinity && weights[logit] == nil {
      var difference = BigFloat(precision: 2200)
      difference.setDifference(BigFloat(logit), BigFloat(maximum), .toNearestOrEven)
      var low = BigFloat(precision: precision)
      var high = BigFloat(precision: precision)
      low.setExponential(difference, .down)
      high.setExponential(difference, .up)
      weights[logit] = ExactReal(lower: low, upper: high)
    }
    var least = BigFloat(0)
    var most = BigFloat(0)
    for logit in logits {
      guard let weight = weights[logit] else { continue }
      var low = BigFloat(precision: precision)
      var high = BigFloat(precision: precision)
      low.setSum(least, weight.lower, .down)
      high.setSum(most, weight.upper, .up)
      least = low
      most = high
    }
    var quotients: [Double: ExactReal] = [:]
    for (logit, weight) in weights {
      var low = BigFloat(precision: precision)
      var high = BigFloat(precision: precision)
      low.setQuotient(weight.lower, most, .down)
      high.setQuotient(weight.upper, least, .up)
      quotients[logit] = ExactReal(lower: low, upper: high)
    }
    return logits.map { quotients[$0] ?? ExactReal(0) }
  }

  /// The probabilities of a lane of any format.
  package static func probabilities<F: BinaryFloat>(of lane: [F]) -> [ExactReal] {
    probabilities(lane.map(\.exactDouble))
  }
}
