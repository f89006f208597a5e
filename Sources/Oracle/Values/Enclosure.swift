import FloatFormats
import MultiPrecision

/// Two numbers between which an exact real number lies, ends included.
package struct Enclosure: ~Copyable {
  package var lower: BigFloat
  package var upper: BigFloat

  /// Both ends not yet set, at a precision.
  package init(precision: Int) {
    lower = BigFloat(precision: precision)
    upper = BigFloat(precision: precision)
  }

  /// A number that is known exactly.
  init(exactly value: borrowing BigFloat) {
    lower = BigFloat(copying: value)
    upper = BigFloat(copying: value)
  }

  package init(lower: consuming BigFloat, upper: consuming BigFloat) {
    self.lower = lower
    self.upper = upper
  }

  /// Whether both ends agree: the number is known exactly.
  package var isExact: Bool { lower.compare(upper) == 0 }

  /// Whether the width is at most 2^-bits times the smaller end, and the ends have one sign.
  package func isTight(relativeBits bits: Int) -> Bool {
    if isExact { return true }
    guard !lower.isZero, !upper.isZero, lower.isNegative == upper.isNegative else { return false }
    var width = BigFloat(precision: 64)
    width.setDifference(upper, lower, .up)
    var limit = BigFloat(precision: 64)
    if lower.isNegative {
      limit.assign(upper, .towardZero)
    } else {
      limit.assign(lower, .towardZero)
    }
    limit.formAbsoluteValue()
    limit.formProduct(withPowerOfTwo: -bits)
    return width.compare(limit) <= 0
  }

  /// Whether the number enclosed, which is not negative, is below 2^-100000: no figure tells it
  /// from others.
  package var isBeyondFigures: Bool { upper.isZero || upper.exponent < -100_000 }

  /// Moves both ends outward by a relative amount, `factor` 2^-precision.
  mutating func widen(factor: Double, precision: Int) {
    let factor = BigFloat(factor)
    var slack = BigFloat(precision: 64)
    slack.setProduct(lower, factor, .awayFromZero)
    slack.formAbsoluteValue()
    slack.formProduct(withPowerOfTwo: -precision)
    lower.formDifference(slack, .down)
    slack.setProduct(upper, factor, .awayFromZero)
    slack.formAbsoluteValue()
    slack.formProduct(withPowerOfTwo: -precision)
    upper.formSum(slack, .up)
  }
}

extension Enclosure {
  /// An enclosure of the distance of a number from the one enclosed.
  func distance(from value: borrowing BigFloat, precision: Int) -> Enclosure {
    var distance = Enclosure(precision: precision)
    if upper.compare(value) <= 0 {
      distance.lower.setDifference(value, upper, .down)
      distance.upper.setDifference(value, lower, .up)
      return distance
    }
    if lower.compare(value) >= 0 {
      distance.lower.setDifference(lower, value, .down)
      distance.upper.setDifference(upper, value, .up)
      return distance
    }
    // The value lies inside: the distance is between 0 and the larger part.
    var below = BigFloat(precision: precision)
    below.setDifference(value, lower, .up)
    distance.upper.setDifference(upper, value, .up)
    if distance.upper.compare(below) < 0 { distance.upper.assign(below, .up) }
    distance.lower.assign(0, .toNearestOrEven)
    return distance
  }
}
