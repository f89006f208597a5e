import CMPFR

/// An arbitrary-precision binary floating-point number: the owner of one `mpfr_t`.
///
/// The precision is fixed when the number is made. Every operation writes into its receiver, names
/// its rounding and returns the sign of the rounding error (negative: the stored value is below the
/// exact result). Each result is the correct rounding of the exact result of the operation on its
/// operands, which is what MPFR guarantees (L. Fousse et al., "MPFR: A multiple-precision binary
/// floating-point library with correct rounding", ACM TOMS 33(2), 2007).
///
/// MPFR keeps caches and exponent limits per thread; ``isThreadSafe`` tells whether the library at
/// hand was built that way.
public struct BigFloat: ~Copyable {
  @usableFromInline
  var storage: __mpfr_struct

  /// A number of the given precision in bits, with the value NaN.
  @inlinable
  public init(precision: Int) {
    storage = __mpfr_struct()
    mpfr_init2(&storage, mpfr_prec_t(precision))
  }

  /// A copy of another number with its precision.
  @inlinable
  public init(copying other: borrowing BigFloat) {
    self.init(precision: other.precision)
    assign(other, .toNearestOrEven)
  }

  /// A binary64 number, exactly.
  @inlinable
  public init(_ value: Double) {
    self.init(precision: 53)
    assign(value, .toNearestOrEven)
  }

  deinit {
    var owned = storage
    mpfr_clear(&owned)
  }

  /// A 64-bit integer, exactly.
  @inlinable
  public init(integer value: UInt64) {
    self.init(precision: 64)
    assign(value, timesPowerOfTwo: 0, .toNearestOrEven)
  }

  /// The direction in which an operation rounds.
  public enum Rounding: Sendable {
    case toNearestOrEven
    case down
    case up
    case towardZero
    case awayFromZero

    @inlinable
    var mpfr: mpfr_rnd_t {
      switch self {
      case .toNearestOrEven: MPFR_RNDN
      case .down: MPFR_RNDD
      case .up: MPFR_RNDU
      case .towardZero: MPFR_RNDZ
      case .awayFromZero: MPFR_RNDA
      }
    }
  }

  /// Whether numbers on different threads are independent in the MPFR library at hand.
  public static var isThreadSafe: Bool { mpfr_buildopt_tls_p() != 0 }

  /// The version of the MPFR library at hand.
  public static var libraryVersion: String { String(cString: mpfr_get_version()) }

  /// The number of significand bits.
  @inlinable
  public var precision: Int { Int(storage._mpfr_prec) }

  /// Calls a function with a pointer to the number.
  @inlinable
  func withPointer<R>(_ body: (UnsafePointer<__mpfr_struct>) -> R) -> R {
    withUnsafePointer(to: storage) { body($0) }
  }
}

// MARK: - Assignment

extension BigFloat {
  @inlinable @discardableResult
  public mutating func assign(_ value: Double, _ rounding: Rounding) -> Int32 {
    mpfr_set_d(&storage, value, rounding.mpfr)
  }

  @inlinable @discardableResult
  public mutating func assign(_ value: borrowing BigFloat, _ rounding: Rounding) -> Int32 {
    withUnsafePointer(to: value.storage) {
      mpfr_set4(&storage, $0, rounding.mpfr, $0.pointee._mpfr_sign)
    }
  }

  /// Stores `value * 2^exponent`.
  @inlinable @discardableResult
  public mutating func assign(
    _ value: UInt64, timesPowerOfTwo exponent: Int, _ rounding: Rounding
  ) -> Int32 {
    mpfr_set_ui_2exp(&storage, UInt(value), mpfr_exp_t(exponent), rounding.mpfr)
  }

  /// Stores the number that a decimal or hexadecimal text denotes, or returns nil where it denotes
  /// none.
  ///
  /// Names of NaN and infinity are numbers here. MPFR itself reads more: leading space, binary
  /// literals, `@` before an exponent, and anything behind a zero byte.
  public mutating func assign(parsing text: String, _ rounding: Rounding) -> Int32? {
    let unsigned = text.drop { $0 == "+" || $0 == "-" }.lowercased()
    let allowed = "+-.0123456789abcdefghijklmnopqrstuvwxyz".utf8
    guard !unsigned.isEmpty, !unsigned.hasPrefix("0b"), unsigned.utf8.allSatisfy(allowed.contains)
    else { return nil }
    return text.withCString { start in
      var end: UnsafeMutablePointer<CChar>?
      let ternary = mpfr_strtofr(&storage, start, &end, 0, rounding.mpfr)
      guard let end, end.pointee == 0 else { return nil }
      return ternary
    }
  }
}

// MARK: - Arithmetic

extension BigFloat {
  @inlinable @discardableResult
  public mutating func setSum(
    _ a: borrowing BigFloat, _ b: borrowing BigFloat, _ rounding: Rounding
  ) -> Int32 {
    withUnsafePointer(to: a.storage) { a in
      withUnsafePointer(to: b.storage) { b in mpfr_add(&storage, a, b, rounding.mpfr) }
    }
  }

  @inlinable @discardableResult
  public mutating func setDifference(
    _ a: borrowing BigFloat, _ b: borrowing BigFloat, _ rounding: Rounding
  ) -> Int32 {
    withUnsafePointer(to: a.storage) { a in
      withUnsafePointer(to: b.storage) { b in mpfr_sub(&storage, a, b, rounding.mpfr) }
    }
  }

  @inlinable @discardableResult
  public mutating func setProduct(
    _ a: borrowing BigFloat, _ b: borrowing BigFloat, _ rounding: Rounding
  ) -> Int32 {
    withUnsafePointer(to: a.storage) { a in
      withUnsafePointer(to: b.storage) { b in mpfr_mul(&storage, a, b, rounding.mpfr) }
    }
  }

  @inlinable @discardableResult
  public mutating func setQuotient(
    _ a: borrowing BigFloat, _ b: borrowing BigFloat, _ rounding: Rounding
  ) -> Int32 {
    withUnsafePointer(to: a.storage) { a in
      withUnsafePointer(to: b.storage) { b in mpfr_div(&storage, a, b, rounding.mpfr) }
    }
  }

  @inlinable @discardableResult
  public mutating func setExponential(_ x: borrowing BigFloat, _ rounding: Rounding) -> Int32 {
    withUnsafePointer(to: x.storage) { mpfr_exp(&storage, $0, rounding.mpfr) }
  }

  @inlinable @discardableResult
  public mutating func setExponentialTwo(_ x: borrowing BigFloat, _ rounding: Rounding) -> Int32 {
    withUnsafePointer(to: x.storage) { mpfr_exp2(&storage, $0, rounding.mpfr) }
  }

  @inlinable @discardableResult
  public mutating func setLogarithm(_ x: borrowing BigFloat, _ rounding: Rounding) -> Int32 {
    withUnsafePointer(to: x.storage) { mpfr_log(&storage, $0, rounding.mpfr) }
  }

  /// Stores the square root of an integer that is not negative.
  @inlinable @discardableResult
  public mutating func setSquareRoot(of x: UInt64, _ rounding: Rounding) -> Int32 {
    mpfr_sqrt_ui(&storage, UInt(x), rounding.mpfr)
  }

  /// Stores log(1 + x).
  @inlinable @discardableResult
  public mutating func setLogarithmOnePlus(_ x: borrowing BigFloat, _ rounding: Rounding) -> Int32 {
    withUnsafePointer(to: x.storage) { mpfr_log1p(&storage, $0, rounding.mpfr) }
  }

  /// Replaces the number by its hyperbolic tangent.
  @inlinable @discardableResult
  public mutating func formHyperbolicTangent(_ rounding: Rounding) -> Int32 {
    withUnsafeMutablePointer(to: &storage) { mpfr_tanh($0, $0, rounding.mpfr) }
  }

  @inlinable @discardableResult
  public mutating func formSum(_ x: borrowing BigFloat, _ rounding: Rounding) -> Int32 {
    withUnsafePointer(to: x.storage) { x in
      withUnsafeMutablePointer(to: &storage) { mpfr_add($0, $0, x, rounding.mpfr) }
    }
  }

  @inlinable @discardableResult
  public mutating func formDifference(_ x: borrowing BigFloat, _ rounding: Rounding) -> Int32 {
    withUnsafePointer(to: x.storage) { x in
      withUnsafeMutablePointer(to: &storage) { mpfr_sub($0, $0, x, rounding.mpfr) }
    }
  }

  @inlinable @discardableResult
  public mutating func formProduct(_ x: borrowing BigFloat, _ rounding: Rounding) -> Int32 {
    withUnsafePointer(to: x.storage) { x in
      withUnsafeMutablePointer(to: &storage) { mpfr_mul($0, $0, x, rounding.mpfr) }
    }
  }

  @inlinable @discardableResult
  public mutating func formProduct(_ x: UInt64, _ rounding: Rounding) -> Int32 {
    withUnsafeMutablePointer(to: &storage) { mpfr_mul_ui($0, $0, UInt(x), rounding.mpfr) }
  }

  @inlinable @discardableResult
  public mutating func formQuotient(_ x: borrowing BigFloat, _ rounding: Rounding) -> Int32 {
    withUnsafePointer(to: x.storage) { x in
      withUnsafeMutablePointer(to: &storage) { mpfr_div($0, $0, x, rounding.mpfr) }
    }
  }

  /// Multiplies by 2^exponent, exactly within MPFR's default exponent range of about 2^30.
  @inlinable
  public mutating func formProduct(withPowerOfTwo exponent: Int) {
    withUnsafeMutablePointer(to: &storage) { _ = mpfr_mul_2si($0, $0, exponent, MPFR_RNDN) }
  }

  @inlinable
  public mutating func formAbsoluteValue() {
    if storage._mpfr_sign < 0 { formNegation() }
  }

  @inlinable
  public mutating func formNegation() {
    withUnsafeMutablePointer(to: &storage) { _ = mpfr_neg($0, $0, MPFR_RNDN) }
  }
}

// MARK: - Comparison and classes

extension BigFloat {
  /// The sign of the number minus another: negative, zero or positive.
  ///
  /// Zero where one of them is a NaN.
  @inlinable
  public func compare(_ other: borrowing BigFloat) -> Int {
    let result = withUnsafePointer(to: other.storage) { b in
      withUnsafePointer(to: storage) { a in mpfr_cmp3(a, b, 1) }
    }
    return Int(result)
  }

  /// The sign of the number minus another: negative, zero or positive.
  ///
  /// Zero where one of them is a NaN.
  @inlinable
  public func compare(_ other: Double) -> Int {
    Int(withPointer { mpfr_cmp_d($0, other) })
  }

  @inlinable
  public var isZero: Bool { withPointer { mpfr_zero_p($0) != 0 } }
  @inlinable
  public var isNaN: Bool { withPointer { mpfr_nan_p($0) != 0 } }
  @inlinable
  public var isInfinite: Bool { withPointer { mpfr_inf_p($0) != 0 } }
  @inlinable
  public var isFinite: Bool { withPointer { mpfr_number_p($0) != 0 } }
  /// Whether the sign is negative, of zeros too.
  @inlinable
  public var isNegative: Bool { storage._mpfr_sign < 0 }

  /// The exponent e of a finite nonzero number, 2^e <= |x| < 2^(e+1).
  @inlinable
  public var exponent: Int { Int(storage._mpfr_exp) - 1 }

  /// The exponent of the last bit of a finite nonzero number that is set.
  public var lowestBitExponent: Int {
    Int(storage._mpfr_exp) - Int(withPointer { mpfr_min_prec($0) })
  }
}

// MARK: - Conversion to built-in types

extension BigFloat {
  /// The number rounded to binary64, subnormals and overflow included.
  @inlinable
  public func double(_ rounding: Rounding) -> Double {
    withPointer { mpfr_get_d($0, rounding.mpfr) }
  }

  /// The magnitude as a multiple of 2^quantumExponent, rounded to an integer.
  ///
  /// The result must be below 2^64. The rounding is of the magnitude: `.down` and `.towardZero`
  /// agree.
  public func magnitude(inUnitsOfPowerOfTwo quantumExponent: Int, _ rounding: Rounding) -> UInt64 {
    var scaled = BigFloat(copying: self)
    scaled.formAbsoluteValue()
    scaled.formProduct(withPowerOfTwo: -quantumExponent)
    return UInt64(scaled.withPointer { mpfr_get_ui($0, rounding.mpfr) })
  }
}

// MARK: - Fixed point

extension BigFloat {
  /// The integer part of |x| 2^-unitExponent, which must be below 2^128.
  ///
  /// Read straight from the significand: the oracle does this once for every element it decides.
  public func magnitudeFloor(inUnitsOfPowerOfTwo unitExponent: Int) -> UInt128 {
    guard isFinite, !isZero else { return 0 }
    let limbCount = (precision + 63) / 64
    // |x| = 0.L 2^exp with the limbs L read as a fraction; its top 128 bits are all the result can
    // hold.
    let high = UInt128(UInt64(storage._mpfr_d[limbCount - 1])) &<< 64
    let low = limbCount > 1 ? UInt128(UInt64(storage._mpfr_d[limbCount - 2])) : 0
    let shift = 128 - (Int(storage._mpfr_exp) - unitExponent)
    precondition(shift >= 0, "a fixed-point value does not fit into 128 bits")
    return shift >= 128 ? 0 : (high | low) &>> UInt128(shift)
  }

  /// The leading 64-bit words of the binary fraction of a number from 0 to below 1, truncated;
  /// least word first.
  public func fractionWords(_ count: Int) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: count)
    var rest = BigFloat(copying: self)
    var word = BigFloat(precision: 64)
    for k in (0..<count).reversed() where !rest.isZero {
      // What remains has no more bits than before: both steps are exact.
      rest.formProduct(withPowerOfTwo: 64)
      words[k] = rest.magnitudeTruncated
      word.assign(words[k], timesPowerOfTwo: 0, .towardZero)
      rest.formDifference(word, .towardZero)
    }
    return words
  }

  /// Stores a number given in 64-bit words, least first, in units of 2^unitExponent, rounded.
  public mutating func assign(
    words: [UInt64], timesPowerOfTwo unitExponent: Int, _ rounding: Rounding
  ) {
    var exact = BigFloat(precision: max(64 * words.count, 64))
    var word = BigFloat(precision: 64)
    exact.assign(0, .towardZero)
    for (k, value) in words.enumerated() {
      word.assign(value, timesPowerOfTwo: unitExponent + 64 * k, .towardZero)
      exact.formSum(word, .towardZero)
    }
    assign(exact, rounding)
  }

  /// The whole part of |x|, which must be below 2^64.
  private var magnitudeTruncated: UInt64 {
    UInt64(truncatingIfNeeded: magnitudeFloor(inUnitsOfPowerOfTwo: 0))
  }
}
