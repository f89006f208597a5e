import FloatFormats
import MultiPrecision

/// What two thousand bits could not decide: a fault of a test, not of what it tests.
struct UndecidedByTest: Error {}

/// A real number between two ends; known exactly where they agree.
///
/// Made by interval arithmetic, every end rounded outward by MPFR, without the oracle.
final class ExactReal {
  let lower: BigFloat
  let upper: BigFloat

  init(lower: consuming BigFloat, upper: consuming BigFloat) {
    self.lower = lower
    self.upper = upper
  }

  /// A binary64 number.
  convenience init(_ value: Double) { self.init(lower: BigFloat(value), upper: BigFloat(value)) }

  /// Whether the number is known without error.
  var isExact: Bool { lower.compare(upper) == 0 }
  var isZero: Bool { lower.isZero && upper.isZero }

  /// Whether the number is below (negative), equal to (zero) or above (positive) another.
  func compare(_ other: borrowing BigFloat) throws -> Int {
    if isExact { return lower.compare(other).signum() }
    // Numbers that are not exact here are irrational or no dyadic fraction: they equal neither end.
    if upper.compare(other) <= 0 { return -1 }
    if lower.compare(other) >= 0 { return 1 }
    throw UndecidedByTest()
  }

  func compare(_ other: Double) throws -> Int { try compare(BigFloat(other)) }

  /// The largest number of a format that does not exceed this number, found by comparisons alone.
  func floor<F: BinaryFloat>(_ format: F.Type = F.self) throws -> F {
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
  func ceiling<F: BinaryFloat>(_ format: F.Type = F.self) throws -> F {
    let below = try floor(format)
    return try compare(below.exactDouble) == 0 ? below : F(orderedIndex: below.orderedIndex + 1)
  }

  /// The number of a format nearest to this number, ties to even.
  func nearest<F: BinaryFloat>(_ format: F.Type = F.self) throws -> F {
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
  func ulpExponent<F: BinaryFloat>(_ format: F.Type = F.self) throws -> Int {
    let below = try floor(format)
    return Int((F(orderedIndex: below.orderedIndex + 1).exactDouble - below.exactDouble).exponent)
  }

  /// |y - this number| / 2^exponent.
  func distance(from y: Double, inUnitsOfPowerOfTwo exponent: Int) throws -> ExactReal {
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
  func divided(by divisor: Double) -> ExactReal {
    var low = BigFloat(precision: 4400)
    var high = BigFloat(precision: 4400)
    low.setQuotient(lower, BigFloat(divisor), .down)
    high.setQuotient(upper, BigFloat(divisor), .up)
    return ExactReal(lower: low, upper: high)
  }

  /// The number rounded up to 30 significant bits, at least 2^-1022 and infinite beyond binary64.
  func figure() throws -> Double {
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
  func floorExponent() throws -> Int {
    guard lower.exponent == upper.exponent else { throw UndecidedByTest() }
    return lower.exponent
  }

  /// This number divided by a positive one.
  func divided(by divisor: ExactReal) -> ExactReal {
    var least = BigFloat(precision: 4400)
    var most = BigFloat(precision: 4400)
    least.setQuotient(lower, divisor.upper, .down)
    most.setQuotient(upper, divisor.lower, .up)
    return ExactReal(lower: least, upper: most)
  }

  /// The sum of numbers that are not negative, times a power of two.
  static func sum(of terms: [ExactReal], timesPowerOfTwo exponent: Int) -> ExactReal {
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
  func rationalFigure() -> Double {
    if let figure = try? figure() { return figure }
    var low = BigFloat(precision: 30)
    low.assign(lower, .up)
    return low.double(.up)
  }

  /// The number rounded to nearest in binary64.
  var double: Double { upper.double(.toNearestOrEven) }
}

extension BigFloat {
  /// A 128-bit integer times a power of two.
  init(_ value: UInt128, timesPowerOfTwo exponent: Int) {
    self.init(precision: 128)
    assign(UInt64(truncatingIfNeeded: value >> 64), timesPowerOfTwo: 64, .toNearestOrEven)
    formSum(BigFloat(integer: UInt64(truncatingIfNeeded: value)), .toNearestOrEven)
    formProduct(withPowerOfTwo: exponent)
  }
}

/// The exact softmax of a lane, each value in an interval less than 2^-2000 of itself wide.
enum ExactSoftmax {
  /// The probabilities of finite or -inf logits of which one at least is finite.
  static func probabilities(_ logits: [Double]) -> [ExactReal] {
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
  static func probabilities<F: BinaryFloat>(of lane: [F]) -> [ExactReal] {
    probabilities(lane.map(\.exactDouble))
  }
}
