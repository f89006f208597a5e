import FloatFormats
import RealModule

/// The exact quantities of a lane that bounds are made of, in binary64.
///
/// With m the maximum, d_j = m - x_j, w_j = e^(-d_j), s = sum w_j and p_j = w_j / s. Each is good
/// to about 2^-42 relative (binary64 exp, arguments up to 745), which is part of what bounds are
/// raised by.
package struct LaneProfile: Sendable {
  /// The logits, each finite or -inf.
  package let logits: [Double]
  /// The largest logit.
  package let maximum: Double
  /// m - x_j; infinite for a masked logit, and where it overflows.
  package let distances: [Double]
  /// e^(-d_j).
  package let weights: [Double]
  /// The sum of the weights, between 1 and n.
  package let sum: Double
  /// log s, accurate where s is near 1 as well.
  package let logSum: Double

  /// The profile of a lane with at least one finite logit and neither NaN nor +inf; nil for any
  /// other.
  package init?<F: BinaryFloat>(_ lane: [F]) { self.init(exactly: lane.exactDoubles) }

  /// The profile of a lane given as binary64 numbers, which hold every format.
  package init?(exactly lane: [Double]) {
    logits = lane
    var maximum = -Double.infinity
    for logit in logits {
      guard logit < .infinity else { return nil }
      maximum = max(maximum, logit)
    }
    guard maximum > -.infinity else { return nil }
    self.maximum = maximum
    distances = logits.map { maximum - $0 }
    var weights = distances
    for index in weights.indices {
      // Runs of equal logits are common: masked ones, and those around the few that matter.
      let isRepeated = index > 0 && distances[index] == distances[index - 1]
      weights[index] = isRepeated ? weights[index - 1] : Double.exp(-distances[index])
    }
    self.weights = weights
    var sum = 0.0
    var residual = 0.0
    for weight in weights {
      let next = sum + weight
      residual += weight - (next - sum)
      sum = next
    }
    self.sum = sum + residual
    // Beside one term of 1, the others can be too small to show in the sum.
    logSum =
      self.sum >= 2
      ? Double.log(self.sum)
      : Double.log(onePlus: weights.reduce(0) { $1 < 1 ? $0 + $1 : $0 })
  }

  /// The number of logits.
  package var count: Int { logits.count }

  /// p_j.
  package func probability(_ index: Int) -> Double { weights[index] / sum }
}
