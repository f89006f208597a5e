/// A value of one of the audited floating-point formats.
///
/// The protocol asks for what an audit needs and no more: the bit pattern, correctly rounded
/// arithmetic, the elementary functions a softmax calls, and exact conversion to `Double`, which
/// contains all formats.
public protocol BinaryFloat: Comparable, Hashable, Sendable, CustomStringConvertible {
  /// The unsigned integer that holds an encoded value.
  associatedtype BitPattern: FixedWidthInteger & UnsignedInteger & Sendable

  /// The format of the type.
  static var format: FloatFormat { get }

  /// The encoded value.
  var bitPattern: BitPattern { get }

  /// The value with the given encoding.
  init(bitPattern: BitPattern)

  /// The value nearest to the given one, ties to even; beyond the largest finite number, infinity
  /// or, in a format without one, NaN.
  init(rounding value: Double)

  /// The same number as a `Double`, exactly.
  ///
  /// Generic code has `map { $0.exactDouble }` in the place of `map(\.exactDouble)`: where it is
  /// not specialized, a key path of a generic type is made anew in each call.
  var exactDouble: Double { get }

  static var zero: Self { get }
  static var one: Self { get }
  /// The positive infinity; the NaN of a format that has none.
  static var infinity: Self { get }
  static var nan: Self { get }

  /// The correctly rounded sum.
  static func + (a: Self, b: Self) -> Self
  /// The correctly rounded difference.
  static func - (a: Self, b: Self) -> Self
  /// The correctly rounded product.
  static func * (a: Self, b: Self) -> Self
  /// The correctly rounded quotient.
  static func / (a: Self, b: Self) -> Self
  /// The number with its sign changed.
  static prefix func - (a: Self) -> Self

  /// The correctly rounded value of `self + a * b`, with one rounding.
  func addingProduct(_ a: Self, _ b: Self) -> Self

  /// The product with 2^exponent, rounded once where the result is subnormal.
  func scaled(byPowerOfTwo exponent: Int) -> Self

  /// The integer nearest to the value, ties to even.
  var roundedToInteger: Self { get }

  /// The exponential, within ``ElementaryAccuracy`` of the exact value.
  static func exp(_ x: Self) -> Self
  /// The power of two, within ``ElementaryAccuracy`` of the exact value.
  static func exp2(_ x: Self) -> Self
  /// The natural logarithm, within ``ElementaryAccuracy`` of the exact value.
  static func log(_ x: Self) -> Self
  /// The natural logarithm of 1 + x, within ``ElementaryAccuracy/ofLogarithmOnePlus`` of the exact
  /// value.
  static func log(onePlus x: Self) -> Self
}

// MARK: - Encodings

extension BinaryFloat {
  /// The encoding of the same number in binary64; of a NaN all its bits, with zeros appended.
  ///
  /// A conversion to `Double` by hardware makes signalling NaNs quiet, and so does any arithmetic.
  @inlinable
  public var binary64Encoding: UInt64 {
    guard isNaN else { return exactDouble.bitPattern }
    let sign: UInt64 = isNegative ? 1 << 63 : 0
    guard Self.format.hasInfinities else { return sign | Double.nan.bitPattern }
    let significand = UInt64(magnitudeBits & ((1 << BitPattern(Self.format.precision - 1)) - 1))
    return sign | Double.infinity.bitPattern
      | significand << UInt64(Double.format.precision - Self.format.precision)
  }
}

// MARK: - Classes of values

extension BinaryFloat {
  /// The bits below the sign bit.
  @inlinable
  public var magnitudeBits: BitPattern { bitPattern & (BitPattern.max >> 1) }

  /// Whether the sign bit is set, of zeros and NaNs too.
  @inlinable
  public var isNegative: Bool { bitPattern >> (BitPattern.bitWidth - 1) == 1 }

  /// Whether the value is neither an infinity nor a NaN.
  @inlinable
  public var isFinite: Bool {
    Self.format.hasInfinities ? magnitudeBits < Self.infinity.bitPattern : !isNaN
  }

  /// Whether the value is not a number.
  @inlinable
  public var isNaN: Bool {
    switch Self.format.specialValues {
    case .infinitiesAndNaNs: magnitudeBits > Self.infinity.bitPattern
    case .nanOfAllOnes: magnitudeBits == BitPattern.max >> 1
    case .nanForNegativeZero: isNegative && magnitudeBits == 0
    }
  }

  /// Whether the value is +infinity or -infinity.
  @inlinable
  public var isInfinite: Bool {
    Self.format.hasInfinities && magnitudeBits == Self.infinity.bitPattern
  }

  /// Whether the value is +0 or -0.
  @inlinable
  public var isZero: Bool {
    Self.format.specialValues == .nanForNegativeZero ? bitPattern == 0 : magnitudeBits == 0
  }

  /// Whether the value is nonzero and smaller than the least normal number.
  @inlinable
  public var isSubnormal: Bool { magnitudeBits != 0 && biasedExponent == 0 }

  /// The class of the value, after IEEE 754-2019, section 5.7.2.
  public var floatClass: FloatClass {
    if isNaN { return .nan }
    if isInfinite { return isNegative ? .negativeInfinity : .positiveInfinity }
    if isZero { return isNegative ? .negativeZero : .positiveZero }
    if isSubnormal { return isNegative ? .negativeSubnormal : .positiveSubnormal }
    return isNegative ? .negativeNormal : .positiveNormal
  }

  /// The stored exponent field.
  @inlinable
  public var biasedExponent: Int { Int(magnitudeBits >> BitPattern(Self.format.precision - 1)) }

  /// The largest finite number.
  @inlinable
  public static var greatestFinite: Self {
    switch format.specialValues {
    case .infinitiesAndNaNs: Self(bitPattern: infinity.bitPattern - 1)
    case .nanOfAllOnes: Self(bitPattern: BitPattern.max >> 1 - 1)
    case .nanForNegativeZero: Self(bitPattern: BitPattern.max >> 1)
    }
  }

  /// The smallest positive number.
  @inlinable
  public static var leastSubnormal: Self { Self(bitPattern: 1) }

  /// The smallest positive normal number.
  @inlinable
  public static var leastNormal: Self {
    Self(bitPattern: BitPattern(1) << BitPattern(format.precision - 1))
  }

  /// The finite magnitude as an integer multiple of a power of two.
  ///
  /// The magnitude is `significand * 2^exponent`, exactly, with `significand < 2^P` and `exponent`
  /// at least that of the smallest subnormal. Meaningless for infinities and NaNs.
  @inlinable
  public var decomposed: (significand: UInt64, exponent: Int) {
    let stored = UInt64(magnitudeBits)
    let fractionBits = UInt64(Self.format.precision - 1)
    let exponentField = Int(stored >> fractionBits)
    let fraction = stored & ((1 << fractionBits) - 1)
    if exponentField == 0 { return (fraction, Self.format.quantumExponent) }
    return (fraction | (1 << fractionBits), Self.format.quantumExponent + exponentField - 1)
  }
}

/// The classes of floating-point values.
public enum FloatClass: String, CaseIterable, Sendable {
  case negativeInfinity, negativeNormal, negativeSubnormal, negativeZero
  case positiveZero, positiveSubnormal, positiveNormal, positiveInfinity
  case nan
}

// MARK: - Order and neighbours

extension BinaryFloat {
  /// The place of the value in the total order of its format.
  ///
  /// Consecutive floats have consecutive places; -0 stands at -1 and +0 at 0, so that no two
  /// encodings share a place. NaNs stand beyond the infinities, those with the sign bit below
  /// everything. This is the predicate totalOrder of IEEE 754-2019, section 5.10, as an integer.
  /// Where there is one zero, it stands at 0 between its neighbours, and the NaN beyond all
  /// numbers.
  @inlinable
  public var orderedIndex: Int64 {
    let magnitude = Int64(UInt64(magnitudeBits))
    if Self.format.specialValues == .nanForNegativeZero {
      return isNaN ? Int64(UInt64(bitPattern)) : isNegative ? -magnitude : magnitude
    }
    return isNegative ? -1 - magnitude : magnitude
  }

  /// The value at the given place of the total order.
  @inlinable
  public init(orderedIndex index: Int64) {
    if Self.format.specialValues == .nanForNegativeZero, index < 0 {
      let signBit = BitPattern(1) << BitPattern(BitPattern.bitWidth - 1)
      self.init(bitPattern: BitPattern(truncatingIfNeeded: -index) | signBit)
    } else if index >= 0 {
      self.init(bitPattern: BitPattern(truncatingIfNeeded: index))
    } else {
      let signBit = BitPattern(1) << BitPattern(BitPattern.bitWidth - 1)
      self.init(bitPattern: BitPattern(truncatingIfNeeded: -1 - index) | signBit)
    }
  }

  /// The least number greater than this one; a NaN and +infinity are their own, and NaN follows on
  /// the largest number of a format without infinities.
  @inlinable
  public var nextUp: Self {
    if isNaN || self == Self.infinity { return self }
    if isZero { return Self.leastSubnormal }
    return Self(orderedIndex: orderedIndex + 1)
  }

  /// The greatest number less than this one; a NaN and -infinity are their own.
  @inlinable
  public var nextDown: Self { -((-self).nextUp) }

  /// The unit in the last place of a finite value, 2^(max(e, e_min) - (P - 1)), as a `Double`.
  ///
  /// This is the spacing of the floats in the binade that holds the value, e being the exponent of
  /// its leading bit; at a power of two it is the spacing above. J.-M. Muller, "On the definition
  /// of ulp(x)", INRIA RR-5504, 2005, compares this definition with its rivals. A NaN for
  /// infinities and NaNs.
  @inlinable
  public var ulp: Double {
    guard isFinite else { return .nan }
    return Double(sign: .plus, exponent: decomposed.exponent, significand: 1)
  }
}

// MARK: - Conversion between formats

extension BinaryFloat {
  /// The value of another format rounded to this one, ties to even.
  ///
  /// Exact where this format contains the other. One rounding always: every format is contained in
  /// `Double`, so the way through it is exact.
  @inlinable
  public init<Other: BinaryFloat>(rounding other: Other) {
    self.init(rounding: other.exactDouble)
  }
}
