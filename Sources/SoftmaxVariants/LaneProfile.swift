import FloatFormats
import RealModule

/// The exact quantities of a lane that bounds are made of, in binary64.
///
/// With m the maximum, d_j = m - x_j, w_j = e^(-d_j), s = sum w_j and p_j = w_j / s. Each is good
/// to about 2^-42 relative (binary64 exp, arguments up to 745), which is part of what bounds are
/// raised by.
public struct LaneProfile: Sendable {
  /// The logits, each finite or -inf.
  public let logits: [Double]
  /// The largest logit.
  public let maximum: Double
  /// m - x_j; infinite for a masked logit, and where it overflows.
  public let distances: [Double]
  /// e^(-d_j).
  public let weights: [Double]
  /// The sum of the weights, between 1 and n.
  public let sum: Double
  /// log s.
  public let logSum: Double

  /// The profile of a lane with at least one finite logit and neither NaN nor +inf; nil for any
  /// other.
  public init?<F: BinaryFloat>(_ lane: some Collection<F>) {
    self.init(exactly: lane.map { $0.exactDouble })
  }

  /// The profile of a lane given as binary64 numbers, which hold every format.
  public init?(exactly lane: [Double]) {
    logits = lane
    var maximum = -Double.infinity
    for logit in logits {
      guard logit < .infinity else { return nil }
      maximum = max(maximum, logit)
    }
    guard maximum > -.infinity else { return nil }
    self.maximum = maximum
    distances = logits.map { maximum - $0 }
    weights = distances.map { Double.exp(-$0) }
    var sum = 0.0
    var residual = 0.0
    for weight in weights {
      let next = sum + weight
      residual += weight - (next - sum)
      sum = next
    }
    self.sum = sum + residual
    logSum = Double.log(self.sum)
  }

  /// The number of logits.
  public var count: Int { logits.count }

  /// p_j.
  public func probability(_ index: Int) -> Double { weights[index] / sum }
}
