import FloatFormats
import MultiPrecision

/// Arithmetic of enclosures, rounded outward at a precision.
extension Enclosure {
  /// A number that binary64 holds.
  init(_ value: Double) { self.init(exactly: BigFloat(value)) }

  /// 0, with ends that may become others at a precision.
  package init(zeroAt precision: Int) {
    self.init(precision: precision)
    lower.assign(0, .toNearestOrEven)
    upper.assign(0, .toNearestOrEven)
  }

  /// The same ends once more.
  func copy() -> Enclosure {
    Enclosure(lower: BigFloat(copying: lower), upper: BigFloat(copying: upper))
  }

  /// The sum of two numbers.
  func plus(_ other: borrowing Enclosure, precision: Int) -> Enclosure {
    var result = Enclosure(precision: precision)
    result.lower.setSum(lower, other.lower, .down)
    result.upper.setSum(upper, other.upper, .up)
    return result
  }

  /// The difference of two numbers.
  package func minus(_ other: borrowing Enclosure, precision: Int) -> Enclosure {
    var result = Enclosure(precision: precision)
    result.lower.setDifference(lower, other.upper, .down)
    result.upper.setDifference(upper, other.lower, .up)
    return result
  }

  /// The product with a number known exactly.
  func times(_ factor: borrowing BigFloat, precision: Int) -> Enclosure {
    var result = Enclosure(precision: precision)
    if factor.isZero {
      result.lower.assign(0, .toNearestOrEven)
      result.upper.assign(0, .toNearestOrEven)
    } else if factor.isNegative {
      result.lower.setProduct(upper, factor, .down)
      result.upper.setProduct(lower, factor, .up)
    } else {
      result.lower.setProduct(lower, factor, .down)
      result.upper.setProduct(upper, factor, .up)
    }
    return result
  }

  /// The product with a number that is not negative.
  package func times(nonnegative factor: borrowing Enclosure, precision: Int) -> Enclosure {
    var result = Enclosure(precision: precision)
    if lower.isNegative {
      result.lower.setProduct(lower, factor.upper, .down)
    } else {
      result.lower.setProduct(lower, factor.lower, .down)
    }
    if upper.isNegative {
      result.upper.setProduct(upper, factor.lower, .up)
    } else {
      result.upper.setProduct(upper, factor.upper, .up)
    }
    return result
  }

  /// The quotient by a number whose enclosure is above 0.
  func divided(by divisor: borrowing Enclosure, precision: Int) -> Enclosure {
    var result = Enclosure(precision: precision)
    if lower.isNegative {
      result.lower.setQuotient(lower, divisor.lower, .down)
    } else {
      result.lower.setQuotient(lower, divisor.upper, .down)
    }
    if upper.isNegative {
      result.upper.setQuotient(upper, divisor.upper, .up)
    } else {
      result.upper.setQuotient(upper, divisor.lower, .up)
    }
    return result
  }

  /// The number with the other sign.
  package func negated() -> Enclosure {
    var result = Enclosure(lower: BigFloat(copying: upper), upper: BigFloat(copying: lower))
    result.lower.formNegation()
    result.upper.formNegation()
    return result
  }

  /// The absolute value.
  package func magnitude() -> Enclosure {
    if !lower.isNegative || lower.isZero { return copy() }
    if upper.isNegative || upper.isZero { return negated() }
    var result = negated()
    if result.upper.compare(upper) < 0 { result.upper.assign(upper, .up) }
    result.lower.assign(0, .toNearestOrEven)
    return result
  }

  /// The larger of the number and another.
  func maximum(_ other: borrowing Enclosure, precision: Int) -> Enclosure {
    var result = Enclosure(precision: precision)
    result.lower.assign(lower, .down)
    if lower.compare(other.lower) < 0 { result.lower.assign(other.lower, .down) }
    result.upper.assign(upper, .up)
    if upper.compare(other.upper) < 0 { result.upper.assign(other.upper, .up) }
    return result
  }
}

/// An enclosure that several readers share.
final class SharedEnclosure {
  let enclosure: Enclosure
  init(_ enclosure: consuming Enclosure) { self.enclosure = enclosure }
}
