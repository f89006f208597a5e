import RealModule

/// A number of one of the 8-bit formats.
///
/// What its encodings mean is that of ml_dtypes' types of the same names: three or four bits of
/// significand, subnormals, and what ``FloatFormat/specialValues`` says of infinities and NaNs. A
/// result beyond the largest finite number is the infinity or, where there is none, the NaN.
///
/// **Why arithmetic through `Double` is correctly rounded.** The numbers are multiples of 2^-17
/// below 2^16 with at most 4 bits. Sums and differences have 33 bits at most and products 8: both
/// are exact in binary64, and rounded once. A quotient that is no midpoint of two numbers of the
/// format, nor of two of its subnormals, differs from every such midpoint M 2^k by at least 2^-4 of
/// its last bit over a 4-bit integer, so by more than 2^-9 of itself, and binary64 errs by 2^-53 of
/// it: both lie on the same side.
public struct Float8<Kind: Float8Kind>: BinaryFloat {
  public let bitPattern: UInt8

  @inlinable
  public init(bitPattern: UInt8) { self.bitPattern = bitPattern }

  @inlinable
  public static var format: FloatFormat { Kind.format }

  /// The magnitude is divided by the unit in the last place of its own binade, exactly, and rounded
  /// to an integer, whose carry into the next binade is one into the exponent field.
  public init(rounding value: Double) {
    let format = Self.format
    let isNegative = value.sign == .minus
    guard !value.isNaN else {
      self = isNegative ? -.nan : .nan
      return
    }
    func signed(_ magnitude: Self) -> Self { isNegative ? -magnitude : magnitude }
    let magnitude = value.magnitude
    guard magnitude < 2 * format.greatestFinite else {
      self = signed(.infinity)
      return
    }
    guard magnitude >= format.leastSubnormal / 2 else {
      self = signed(.zero)
      return
    }
    let quantum = max(Int(magnitude.exponent), format.minimumExponent) - (format.precision - 1)
    let unit = Double(sign: .plus, exponent: quantum, significand: 1)
    let units = (magnitude / unit).rounded(.toNearestOrEven)
    guard units * unit <= format.greatestFinite else {
      self = signed(.infinity)
      return
    }
    let binade = (quantum - format.quantumExponent) << (format.precision - 1)
    self = signed(Self(bitPattern: UInt8(binade + Int(units))))
  }

  public var exactDouble: Double {
    if isNaN { return isNegative ? -Double.nan : .nan }
    if isInfinite { return isNegative ? -Double.infinity : .infinity }
    let (significand, exponent) = decomposed
    let magnitude = Double(sign: .plus, exponent: exponent, significand: Double(significand))
    return isNegative ? -magnitude : magnitude
  }

  public static var zero: Self { Self(bitPattern: 0) }
  public static var one: Self {
    Self(bitPattern: UInt8((1 - format.minimumExponent) << (format.precision - 1)))
  }
  public static var infinity: Self {
    format.hasInfinities
      ? Self(bitPattern: UInt8.max >> 1 & UInt8.max << UInt8(format.precision - 1)) : .nan
  }
  /// A quiet one where the format has both kinds.
  public static var nan: Self {
    switch format.specialValues {
    case .infinitiesAndNaNs:
      Self(bitPattern: infinity.bitPattern | 1 << UInt8(format.precision - 2))
    case .nanOfAllOnes: Self(bitPattern: UInt8.max >> 1)
    case .nanForNegativeZero: Self(bitPattern: 1 << 7)
    }
  }

  public static func == (a: Self, b: Self) -> Bool { a.exactDouble == b.exactDouble }
  public static func < (a: Self, b: Self) -> Bool { a.exactDouble < b.exactDouble }
  // `Comparable` would derive the other three by negation, which answers true for NaN.
  public static func <= (a: Self, b: Self) -> Bool { a.exactDouble <= b.exactDouble }
  public static func > (a: Self, b: Self) -> Bool { a.exactDouble > b.exactDouble }
  public static func >= (a: Self, b: Self) -> Bool { a.exactDouble >= b.exactDouble }
  public func hash(into hasher: inout Hasher) { hasher.combine(exactDouble) }

  public static func + (a: Self, b: Self) -> Self { Self(rounding: a.exactDouble + b.exactDouble) }
  public static func - (a: Self, b: Self) -> Self { Self(rounding: a.exactDouble - b.exactDouble) }
  public static func * (a: Self, b: Self) -> Self { Self(rounding: a.exactDouble * b.exactDouble) }
  public static func / (a: Self, b: Self) -> Self { Self(rounding: a.exactDouble / b.exactDouble) }

  /// The number with its sign changed; a zero or NaN that has no other sign is its own.
  public static prefix func - (a: Self) -> Self {
    if format.specialValues == .nanForNegativeZero, a.magnitudeBits == 0 { return a }
    return Self(bitPattern: a.bitPattern ^ 1 << 7)
  }

  /// The product is exact in binary64, the sum rounded to odd.
  public func addingProduct(_ a: Self, _ b: Self) -> Self {
    Self(rounding: sumRoundedToOdd(a.exactDouble * b.exactDouble, exactDouble))
  }

  public func scaled(byPowerOfTwo exponent: Int) -> Self {
    Self(rounding: exactDouble.scaled(byPowerOfTwo: max(-100, min(100, exponent))))
  }

  public var roundedToInteger: Self { Self(rounding: exactDouble.rounded(.toNearestOrEven)) }

  public static func exp(_ x: Self) -> Self { Self(rounding: Double.exp(x.exactDouble)) }
  public static func exp2(_ x: Self) -> Self { Self(rounding: Double.exp2(x.exactDouble)) }
  public static func log(_ x: Self) -> Self { Self(rounding: Double.log(x.exactDouble)) }
  public static func log(onePlus x: Self) -> Self {
    Self(rounding: Double.log(onePlus: x.exactDouble))
  }

  public var description: String { hexText }
}

/// One of the 8-bit formats, as a type.
public protocol Float8Kind: Sendable {
  static var format: FloatFormat { get }
}

/// ``FloatFormat/float8E4M3FN``.
public enum E4M3FN: Float8Kind {
  public static var format: FloatFormat { .float8E4M3FN }
}
/// ``FloatFormat/float8E5M2``.
public enum E5M2: Float8Kind {
  public static var format: FloatFormat { .float8E5M2 }
}
/// ``FloatFormat/float8E4M3FNUZ``.
public enum E4M3FNUZ: Float8Kind {
  public static var format: FloatFormat { .float8E4M3FNUZ }
}
/// ``FloatFormat/float8E5M2FNUZ``.
public enum E5M2FNUZ: Float8Kind {
  public static var format: FloatFormat { .float8E5M2FNUZ }
}
