import FloatFormats
import RealModule

/// A number of either sign whose rounding errors are being bounded.
///
/// This is Wilkinson's running error analysis (Higham, "Accuracy and Stability of Numerical
/// Algorithms", 2nd edition, 2002, section 3.3), with underflow.
///
/// Three numbers belong together: the exact one, v; the one that the format gives, a; and `value`,
/// what binary64 gives. The invariant is |a - v| <= e and |`value` - v| <= e, e = `error` +
/// `drift`: what binary64 rounds is never more than what a format with no more digits may round, so
/// that its result is one of those that the analysis is about. Hence |v| <= |`value`| + e and |a|
/// <= |`value`| + 2 e, the `largest`.
///
/// **Derivation**, with u the unit roundoff, eta the least subnormal number, b another number with
/// the error f:
///
/// 1. *Sum.* The errors add up, and the rounding is at most u |a + b|, |a| and |b|, for a + b lies
///    no farther than |b| from the float a. A sum has no error of underflow.
/// 2. *Product.* |a b - v w| <= |v| f + |b| e; the rounding is at most u |a b|, where it may be
///    subnormal eta/2.
/// 3. *Quotient.* |a / b - v / w| <= (e + |v / w| f) / |b|, and the rounding as of a product. There
///    is no bound where f is not below 2^-6 |w|.
/// 4. *Exponential.* exp of an argument that is off by e, of a number that is not positive: see
///    ``ArithmeticModel/exponential``. Here the exact argument is known to e, hence e^e more.
/// 5. *Logarithm.* ln is off by -ln(1 - e / v) at most, and errs by kappa of its value. That of a 0
///    without error is -inf.
/// 6. What operations on numbers known without error give exactly has no error: a result that
///    binary64 gives without one and that is a float of the format.
///
/// In a compensated sum `drift` is the part of e that the compensation holds, as in ``Tracked``.
///
/// What may overflow, or divide by what may be 0, is not sound, and has no bound.
struct RunningError<C: BinaryFloat>: DerivedNumber {
  /// The number as binary64 computes it.
  private(set) var value: Double
  /// The greatest distance of the computed number, or of its sum with a compensation, from the
  /// exact one.
  private(set) var error: Double
  /// The further error of the computed number that a compensation holds.
  private var drift = 0.0
  /// Whether the error is a bound.
  private(set) var isSound = true

  private static var u: Double { C.format.unitRoundoff }
  /// Twice the most that a product or quotient loses in binary64 below its normal range.
  ///
  /// Errors of normal numbers can lie there. What an exponential of less than -745 is off by 0 is
  /// less than that, too.
  private static var lost: Double { .leastNonzeroMagnitude }

  private init(_ value: Double, error: Double, isSound: Bool) {
    self.value = value
    self.error = error
    self.isSound = isSound && !value.isNaN && !error.isNaN
    // An infinity that is given stays one.
    if value.isInfinite { self.error = 0 } else { self.isSound = self.isSound && canBeFinite }
  }

  init(given value: Double) { self.init(value, error: 0, isSound: true) }

  init(rounding value: Double) {
    self.init(value, error: abs(C(rounding: value).exactDouble - value), isSound: true)
  }

  /// The largest magnitude of the computed number.
  private var largest: Double { abs(value) + 2 * (error + drift) }
  /// The least magnitude of the computed number, and of the exact one.
  var least: Double { max(0, abs(value) - 2 * (error + drift)) }
  private var canBeFinite: Bool { largest < C.format.greatestFinite }
  /// Whether the computed number, the exact one and `value` are the same.
  private var isExact: Bool { error == 0 && drift == 0 }
  private var isZero: Bool { value == 0 && isExact }
  private var isUnit: Bool { abs(value) == 1 && isExact }

  /// Whether a number is one of the format.
  private static func holds(_ value: Double) -> Bool { C(rounding: value).exactDouble == value }

  /// The largest error of the rounded sum of two computed numbers.
  private static func additionError(_ a: Self, _ b: Self, sum: Double) -> Double {
    if a.isExact, b.isExact, twoSumError(a.value, b.value, sum: sum) == 0, holds(sum) { return 0 }
    let errors = a.error + a.drift + b.error + b.drift
    return min(u * (abs(sum) + 2 * errors) + lost, a.largest, b.largest)
  }

  /// The exact error of a rounded sum in binary64.
  private static func twoSumError(_ a: Double, _ b: Double, sum: Double) -> Double {
    let bPart = sum - a
    let aPart = sum - bPart
    return (a - aPart) + (b - bPart)
  }

  /// The error of a product or quotient, whose magnitude is between two numbers, by its rounding.
  private static func rounding(from least: Double, to largest: Double) -> Double {
    ArithmeticModel<C>.rounding(from: least, to: largest) + lost
  }

  static func + (a: Self, b: Self) -> Self {
    let sum = a.value + b.value
    let isSound = a.isSound && b.isSound
    guard sum.isFinite else { return infinite(sum, a, b) }
    var result = Self(
      sum, error: a.error + b.error + additionError(a, b, sum: sum), isSound: isSound)
    result.drift = a.drift + b.drift
    result.isSound = result.isSound && result.canBeFinite
    return result
  }

  /// A result that is an infinity, where an operand is: what overflows has no bound.
  private static func infinite(_ value: Double, _ a: Self, _ b: Self) -> Self {
    Self(
      value, error: 0,
      isSound: a.isSound && b.isSound && (a.value.isInfinite || b.value.isInfinite))
  }

  static func - (a: Self, b: Self) -> Self { a + -b }

  static prefix func - (a: Self) -> Self {
    var result = a
    result.value = -a.value
    return result
  }

  static func * (a: Self, b: Self) -> Self {
    let isSound = a.isSound && b.isSound
    let product = a.value * b.value
    guard product.isFinite else { return infinite(product, a, b) }
    if a.isZero || b.isZero { return Self(given: 0).provided(isSound) }
    if a.isUnit { return (a.value < 0 ? -b : b).provided(isSound) }
    if b.isUnit { return (b.value < 0 ? -a : a).provided(isSound) }
    if a.isExact, b.isExact, abs(product) >= 0x1p-900,
      (-product).addingProduct(a.value, b.value) == 0, holds(product)
    {
      return Self(product, error: 0, isSound: isSound)
    }
    let inherited = (abs(a.value) + a.error) * b.error + b.largest * a.error + 2 * lost
    return Self(
      product, error: inherited + rounding(from: a.least * b.least, to: a.largest * b.largest),
      isSound: isSound)
  }

  static func / (a: Self, b: Self) -> Self {
    let isSound = a.isSound && b.isSound && 2 * b.error <= 0x1p-6 * abs(b.value) && b.value != 0
    let quotient = a.value / b.value
    guard quotient.isFinite, isSound else { return Self(quotient, error: 0, isSound: false) }
    if a.isZero { return a }
    if b.isUnit { return b.value < 0 ? -a : a }
    if a.isExact, b.isExact, min(abs(quotient), abs(a.value)) >= 0x1p-900,
      (-a.value).addingProduct(quotient, b.value) == 0, holds(quotient)
    {
      return Self(quotient, error: 0, isSound: true)
    }
    // |v / w| <= (|value| + e) / (|value| - f); the difference loses little.
    let exact = (abs(a.value) + a.error) / (abs(b.value) - b.error) + lost
    let inherited = (a.error + exact * b.error + lost) / b.least + lost
    return Self(
      quotient,
      error: inherited + rounding(from: a.least / b.largest, to: a.largest / b.least),
      isSound: true)
  }

  static func exp(_ x: Self) -> Self {
    if x.value == -.infinity { return Self(given: 0).provided(x.isSound) }
    if x.isZero { return Self(given: 1).provided(x.isSound) }
    let isSound = x.isSound && x.value <= x.error && x.error <= max(0.25, -x.value / 8)
    let value = Double.exp(x.value)
    let deviation = ArithmeticModel<C>.exponential(
      distance: max(0, -x.value), value: value, argumentError: x.error)
    let isFar = x.value < -1000
    return Self(
      value, error: deviation.magnitude * (isFar ? 1 : Double.exp(x.error)) + 4 * lost,
      isSound: isSound)
  }

  static func log(_ x: Self) -> Self {
    if x.isZero { return Self(given: -.infinity).provided(x.isSound) }
    let isSound = x.isSound && 2 * x.error <= 0x1p-6 * x.value && x.value > 0
    guard isSound else { return Self(0, error: 0, isSound: false) }
    if x.value == 1, x.isExact { return Self(given: 0) }
    let moved = -Double.log(onePlus: -x.error / (x.value - x.error)) + lost
    let value = Double.log(x.value)
    return Self(
      value, error: moved + ArithmeticModel<C>.elementary.relative * (abs(value) + 2 * moved),
      isSound: true)
  }

  func exceeds(_ other: Self) -> Bool { value > other.value }
  var isFinite: Bool { value.isFinite }

  func scaling(_ other: Self) -> Self? {
    if isZero { return nil }
    // Where the computed number may be 0 and the exact one is not, a term may be missing.
    return (self * other).provided(least > 0)
  }

  private func provided(_ condition: Bool) -> Self {
    var result = self
    result.isSound = isSound && condition
    return result
  }

  /// The number stored in a format.
  func stored(in format: FloatFormat) -> Self {
    if format.contains(C.format) || isExact && format.rounded(value) == value { return self }
    let relative = format.unitRoundoff * largest + Self.lost
    var result = self
    result.error +=
      least >= format.leastNormal
      ? relative : max(relative, min(format.leastSubnormal / 2, largest))
    result.isSound = isSound && largest < format.greatestFinite
    return result
  }

  // MARK: - Compensated sums

  /// The content of a compensation: as binary64 computes it, a bound on the errors summed, and on
  /// the error of that summation.
  struct Residual {
    fileprivate var value: Double
    fileprivate var magnitude: Double
    fileprivate var error: Double

    fileprivate var largest: Double { magnitude + error }
  }

  static var zeroResidual: Residual { Residual(value: 0, magnitude: 0, error: 0) }

  /// The two-sum is exact: its error moves from the sum into the residual.
  static func twoSum(_ a: Self, _ b: Self) -> (sum: Self, error: Residual) {
    let sum = a.value + b.value
    let rounding = additionError(a, b, sum: sum)
    var result = a
    result.value = sum
    result.error += b.error
    result.drift += b.drift + rounding
    result.isSound = a.isSound && b.isSound && result.canBeFinite
    let lost = twoSumError(a.value, b.value, sum: sum)
    return (result, Residual(value: lost, magnitude: rounding, error: 0))
  }

  static func add(_ a: Residual, _ b: Residual) -> Residual {
    let rounding = min(u * (a.largest + b.largest) + lost, a.largest, b.largest)
    return Residual(
      value: a.value + b.value, magnitude: a.magnitude + b.magnitude,
      error: a.error + b.error + rounding)
  }

  /// Returns the compensation to the sum: one last rounding, of something within the residual's
  /// error.
  func adding(_ residual: Residual) -> Self {
    let sum = value + residual.value
    let errors = error + residual.error
    let rounding = min(Self.u * (abs(sum) + 2 * errors) + Self.lost, residual.largest)
    return Self(sum, error: errors + rounding, isSound: isSound)
  }
}
