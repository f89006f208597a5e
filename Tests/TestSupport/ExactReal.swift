import FloatFormats
import MultiPrecision

/// What two thousand bits could not decide: a fault of a test, not of what it tests.
package struct UndecidedByTest: Error {}

/// A real number between two ends; known exactly where they agree.
///
/// Made by interval arithmetic, every end rounded outward by MPFR, without the oracle.
package final class ExactReal {
  package let lower: BigFloat
  package let upper: BigFloat

  package init(lower: consuming BigFloat, upper: consuming BigFloat) {
    self.lower = lower
    self.upper = upper
  }

  /// A binary64 number.
  package convenience init(_ value: Double) {
    self.init(lower: BigFloat(value), upper: BigFloat(value))
  }

  /// Whether the number is known without error.
  package var isExact: Bool { lower.compare(upper) == 0 }
  package var isZero: Bool { lower.isZero && upper.isZero }

  /// Whether the number is below (negative), equal to (zero) or above (positive) another.
  package func compare(_ other: borrowing BigFloat) throws -> Int {
    if isExact { return lower.compare(other).signum() }
    // Numbers that are not exact here are irrational or no dyadic fraction: they equal neither end.
    if upper.compare(other) <= 0 { return -1 }
    if lower.compare(other) >= 0 { return 1 }
    throw UndecidedByTest()
  }

  package func compare(_ other: Double) throws -> Int { try compare(BigFloat(other)) }

  /// The largest number of a format that does not exceed this number, found by comparisons alone.
  package func floor<F: BinaryFloat>(_ format: F.Type = F.self) throws -> F {
    var low: Int64 = 0
    var high = F.greatestFinite.orderedIndex + 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if try compare(F(orderedIndex: middle).exactDouble) >= 0 {
        low = middle
      } else {
        high = middle
      }
    }
    return F(orderedIndex: low)
  }

  /// The smallest number of a format that is not below this number.
  package func ceiling<F: BinaryFloat>(_ format: F.Type = F.self) throws -> F {
    let below = try floor(format)
    return try compare(below.exactDouble) == 0 ? below : F(orderedIndex: below.orderedIndex + 1)
  }

  /// The number of a format nearest to this number, ties to even.
  package func nearest<F: BinaryFloat>(_ format: F.Type = F.self) throws -> F {
    let (below, above) = (try floor(format), try ceiling(format))
    if below == above { return below }
    var middle = BigFloat(precision: 64)
    middle.setSum(BigFloat(below.exactDouble), BigFloat(above.exactDouble), .toNearestOrEven)
    middle.formProduct(withPowerOfTwo: -1)
    switch try compare(middle) {
    case ..<0: return below
    case 0: return below.bitPattern & 1 == 0 ? below : above
    default: return above
    }
  }

  /// The exponent of the unit in the last place: of the spacing of the format above this number.
  package func ulpExponent<F: BinaryFloat>(_ format: F.Type = F.self) throws -> Int {
    let below = try floor(format)
    return Int((F(orderedIndex: below.orderedIndex + 1).exactDouble - below.exactDouble).exponent)
  }

  /// |y - this number| / 2^exponent.
  package func distance(from y: Double, inUnitsOfPowerOfTwo exponent: Int) throws -> ExactReal {
    let value = BigFloat(y)
    var low = BigFloat(precision: 4400)
    var high = BigFloat(precision: 4400)
    switch try compare(value) {
    case ..<0:
      low.setDifference(value, upper, .down)
      high.setDifference(value, lower, .up)
    case 0:
      low.assign(0, .down)
      high.assign(0, .up)
    default:
      low.setDifference(lower, value, .down)
      high.setDifference(upper, value, .up)
    }
    low.formProduct(withPowerOfTwo: -exponent)
    high.formProduct(withPowerOfTwo: -exponent)
    return ExactReal(lower: low, upper: high)
  }

  /// This positive number divided by a positive binary64 number.
  package func divided(by divisor: Double) -> ExactReal {
    var low = BigFloat(precision: 4400)
    var high = BigFloat(precision: 4400)
    low.setQuotient(lower, BigFloat(divisor), .down)
    high.setQuotient(upper, BigFloat(divisor), .up)
    return ExactReal(lower: low, upper: high)
  }

  /// The number rounded up to 30 significant bits, at least 2^-1022 and infinite beyond binary64.
  package func figure() throws -> Double {
    var low = BigFloat(precision: 30)
    var high = BigFloat(precision: 30)
    low.assign(lower, .up)
    high.assign(upper, .up)
    if high.isZero { return 0 }
    if high.compare(0x1p-1022) <= 0 { return 0x1p-1022 }
    guard low.compare(high) == 0 else { throw UndecidedByTest() }
    return high.double(.up)
  }

  /// The exponent of the binade of this positive number.
  package func floorExponent() throws -> Int {
    guard lower.exponent == upper.exponent else { throw UndecidedByTest() }
    return lower.exponent
  }

  /// This number divided by a positive one.
  package func divided(by divisor: ExactReal) -> ExactReal {
    var least = BigFloat(precision: 4400)
    var most = BigFloat(precision: 4400)
    least.setQuotient(lower, divisor.upper, .down)
    most.setQuotient(upper, divisor.lower, .up)
    return ExactReal(lower: least, upper: most)
  }

  /// The sum of numbers that are not negative, times a power of two.
  package static func sum(of terms: [ExactReal], timesPowerOfTwo exponent: Int) -> ExactReal {
    var least = BigFloat(precision: 4400)
    var most = BigFloat(precision: 4400)
    least.assign(0, .down)
    most.assign(0, .up)
    for term in terms {
      least.formSum(term.lower, .down)
      most.formSum(term.upper, .up)
    }
    least.formProduct(withPowerOfTwo: exponent)
    most.formProduct(withPowerOfTwo: exponent)
    return ExactReal(lower: least, upper: most)
  }

  /// As ``figure()``; a figure that two thousand bits do not tell from the number is the number
  /// itself.
  package func rationalFigure() -> Double {
    if let figure = try? figure() { return figure }
    var low = BigFloat(precision: 30)
    low.assign(lower, .up)
    return low.double(.up)
  }

  /// The number rounded to nearest in binary64.
  package var double: Double { upper.double(.toNearestOrEven) }
}

extension BigFloat {
  /// A 128-bit integer times a power of two.
  package init(_ value: UInt128, timesPowerOfTwo exponent: Int) {
    self.init(precision: 128)
    assign(UInt64(truncatingIfNeeded: value >> 64), timesPowerOfTwo: 64, .toNearestOrEven)
    formSum(BigFloat(integer: UInt64(truncatingIfNeeded: value)), .toNearestOrEven)
    formProduct(withPowerOfTwo: exponent)
  }
}
