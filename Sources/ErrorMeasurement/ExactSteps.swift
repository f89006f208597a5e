import AuditedOperations
import MultiPrecision
import Oracle

/// The exact value of a quantised output in steps: t = v / scale, kept within the codes less the
/// zero point.
///
/// It is known to 2^-32 of a step: all that is asked of an output q is a function of that, for q
/// less the zero point, and halves of steps, are multiples of it.
package struct ExactSteps: Sendable, Equatable {
  /// The whole part of t in units of 2^-32.
  package let units: Int64
  /// Whether t is that number of units exactly; else it is above.
  package let isExact: Bool

  /// The number of bits behind the point.
  static let fraction = 32

  private init(units: Int64, isExact: Bool) {
    self.units = units
    self.isExact = isExact
  }

  /// A whole number of steps, kept within those that there are.
  package init(_ steps: Int, within limits: ClosedRange<Int>) {
    self.init(
      units: Int64(min(max(steps, limits.lowerBound), limits.upperBound)) << Self.fraction,
      isExact: true)
  }

  /// The exact value of a slot of a lane that has one.
  ///
  /// **Decision** (Ziv 1991). Values other than those that algebra tells are irrational: those of a
  /// softmax and its logarithm are transcendental unless all logits are equal, and -ln n is for n
  /// above 1. So t is no multiple of 2^-32 nor an end of the range, and a narrow enough enclosure
  /// lies between two of them. A probability of one of k tied maxima is below 1 / k, however far
  /// below the other logits are. What algebra tells is 0, or the reciprocal 1 / n of equal logits:
  /// 2^32 / (n scale) is a quotient of integers of less than 64 and 53 bits and powers of two,
  /// which is an integer, or further than 2^-200 of itself from every one: it has less than 128
  /// bits behind the point of its denominator.
  ///
  /// - Parameters:
  ///   - slot: One of the lane, or `DistinctLogits.masked`.
  ///   - approximate: The value in binary64, where it is known: a probability that is nothing
  ///     beside 2^-32 of a step needs no enclosure, and has none where e^(x - m) is below all
  ///     numbers.
  /// - Returns: `nil` where the precision cap of the oracle was reached.
  package init?(
    slot: Int, of lane: OperationLane, _ quantization: Quantization, approximate: Double? = nil,
    oracle: SoftmaxOracle
  ) {
    let limits = quantization.differences
    guard slot >= 0 else {
      // Softmax 0, its logarithm -inf.
      self.init(lane.operation == .softmax ? 0 : limits.lowerBound, within: limits)
      return
    }
    if let count = lane.constantCount {
      if lane.operation == .softmax {
        self.init(reciprocalOf: count, quantization)
        return
      }
      if count == 1 {
        self.init(0, within: limits)
        return
      }
    }
    if lane.operation == .softmax, let approximate, quantization.scale > 0x1p-900,
      approximate < quantization.scale * 0x1p-64
    {
      self.init(units: 0, isExact: false)
      return
    }
    var bits = 64
    while bits <= oracle.precisionCap {
      guard let value = oracle.enclosure(slot: slot, of: lane, relativeBits: bits) else { break }
      var lower = BigFloat(precision: bits + 64)
      var upper = BigFloat(precision: bits + 64)
      let scale = BigFloat(quantization.scale)
      lower.setQuotient(value.lower, scale, .down)
      if lane.operation == .softmax, lane.modified == nil, slot == 0 {
        // Below 1 / k of the k tied maxima.
        var most = BigFloat(precision: bits + 64)
        most.setQuotient(BigFloat(1), BigFloat(integer: lane.logits.multiplicities[0]), .up)
        if value.upper.compare(most) < 0 { most.assign(value.upper, .up) }
        upper.setQuotient(most, scale, .up)
      } else {
        upper.setQuotient(value.upper, scale, .up)
      }
      if let decided = Self(above: lower, below: upper, within: limits) {
        self = decided
        return
      }
      bits *= 2
    }
    return nil
  }

  /// A number strictly between two, if those decide it.
  private init?(
    above lower: borrowing BigFloat, below upper: borrowing BigFloat,
    within limits: ClosedRange<Int>
  ) {
    if lower.compare(Double(limits.upperBound)) >= 0 {
      self.init(limits.upperBound, within: limits)
    } else if upper.compare(Double(limits.lowerBound)) <= 0 {
      self.init(limits.lowerBound, within: limits)
    } else {
      guard lower.compare(Double(limits.lowerBound)) >= 0,
        upper.compare(Double(limits.upperBound)) <= 0
      else { return nil }
      let floor = Self.floor(lower)
      // Strictly below the next unit, or at it.
      var next = BigFloat(precision: 64)
      next.assign(Double(floor + 1), .toNearestOrEven)
      next.formProduct(withPowerOfTwo: -Self.fraction)
      guard upper.compare(next) <= 0 else { return nil }
      self.init(units: floor, isExact: false)
    }
  }

  /// 1 / (n scale).
  private init(reciprocalOf count: UInt64, _ quantization: Quantization) {
    let limits = quantization.differences
    var product = BigFloat(precision: 128)
    product.setProduct(
      BigFloat(integer: count), BigFloat(quantization.scale), .toNearestOrEven)
    var quotient = BigFloat(precision: 256)
    let isQuotientExact = quotient.setQuotient(BigFloat(1), product, .down) == 0
    if quotient.compare(Double(limits.upperBound)) >= 0 {
      self.init(limits.upperBound, within: limits)
      return
    }
    let units = Self.floor(quotient)
    var whole = BigFloat(precision: 64)
    whole.assign(Double(units), .toNearestOrEven)
    whole.formProduct(withPowerOfTwo: -Self.fraction)
    self.init(units: units, isExact: isQuotientExact && quotient.compare(whole) == 0)
  }

  /// The whole part of a number below 2^20 in magnitude, in units of 2^-32.
  private static func floor(_ value: borrowing BigFloat) -> Int64 {
    var scaled = BigFloat(precision: 53)
    scaled.assign(value, .down)
    scaled.formProduct(withPowerOfTwo: fraction)
    // 53 bits hold every unit below 2^20 steps, so that rounding down to them passes none.
    return Int64(scaled.double(.down).rounded(.down))
  }

  // MARK: Questions

  /// |q - t| in units, rounded up, q a code less the zero point.
  package func distance(from difference: Int) -> UInt64 {
    let code = Int64(difference) << Self.fraction
    if code > units { return UInt64(code - units) }
    return UInt64(units - code) + (isExact ? 0 : 1)
  }

  /// Whether t is above a code less the zero point.
  package func exceeds(_ difference: Int) -> Bool {
    let code = Int64(difference) << Self.fraction
    return code < units || code == units && !isExact
  }

  /// The code less the zero point that t + zero point rounds to, ties to the even code.
  package func nearest(zeroPoint: Int) -> Int {
    let below = Int(units >> Int64(Self.fraction))
    let rest = units & (1 << Int64(Self.fraction) - 1)
    let half = Int64(1) << Int64(Self.fraction - 1)
    if rest == half, isExact { return (below + zeroPoint).isMultiple(of: 2) ? below : below + 1 }
    return rest >= half ? below + 1 : below
  }

  /// Whether a code less the zero point is t rounded down or up.
  package func isFaithful(_ difference: Int) -> Bool {
    distance(from: difference) < 1 << UInt64(Self.fraction)
      || distance(from: difference) == 1 << UInt64(Self.fraction) && !isExact
  }

  /// t in binary64, within 2^-32.
  package var approximate: Double { Double(units) * 0x1p-32 }
}
