import RealModule

// The three formats the standard library has. Swift never contracts `a * b + c`, so every operation
// here rounds once.

extension Double: BinaryFloat {
  @inlinable
  public static var format: FloatFormat { .float64 }
  @inlinable
  public init(rounding value: Double) { self = value }
  @inlinable
  public var exactDouble: Double { self }
  @inlinable
  public static var one: Double { 1 }
  @inlinable
  public var roundedToInteger: Double { rounded(.toNearestOrEven) }

  /// `self * 2^exponent`, rounded once.
  ///
  /// The standard library scales in steps of the least normal number and would round at each that
  /// ends below it. With a significand in [1, 2) the first step is exact, and a third one only ever
  /// meets a zero. The exponent is cut to a range that still covers every quotient of two binary64
  /// numbers.
  @inlinable
  public func scaled(byPowerOfTwo exponent: Int) -> Double {
    if exponent >= -1022, exponent <= 1023 {
      return self * Double(bitPattern: UInt64(exponent + 1023) << 52)
    }
    guard isFinite, self != 0 else { return self }
    let power = Swift.max(-5000, Swift.min(5000, exponent))
    return Double(sign: sign, exponent: self.exponent + power, significand: significand)
  }
}

extension Float: BinaryFloat {
  @inlinable
  public static var format: FloatFormat { .float32 }
  @inlinable
  public init(rounding value: Double) { self.init(value) }
  @inlinable
  public var exactDouble: Double { Double(self) }
  @inlinable
  public static var one: Float { 1 }
  @inlinable
  public var roundedToInteger: Float { rounded(.toNearestOrEven) }
  @inlinable
  public func scaled(byPowerOfTwo exponent: Int) -> Float {
    Float(exactDouble.scaled(byPowerOfTwo: Swift.max(-600, Swift.min(600, exponent))))
  }

  /// The exponential of the C library.
  ///
  /// e^-104 is below half of the least subnormal, so that all below it vanishes. The library says
  /// so in `errno`, which takes several times as long as the function itself, and most logits of a
  /// far-spread lane get there.
  @inlinable
  public static func exp(_ x: Float) -> Float { x < -104 ? 0 : libraryExponential(x) }
}

/// Says which exponential is meant: that of swift-numerics.
@inlinable @inline(__always)
func libraryExponential<T: ElementaryFunctions>(_ x: T) -> T { T.exp(x) }

/// Every operation of `Float16` is correctly rounded.
///
/// Where the processor has no binary16 arithmetic, the compiler computes in binary32 and rounds: 24
/// bits are at least 2 * 11 + 2, so the second rounding is innocuous (Figueroa 1995, see
/// ``BFloat16``), and every result that is subnormal in binary16 is normal in binary32, where
/// products are exact and a quotient stays at least 2^-36 away from a midpoint of binary16
/// subnormals that it does not hit.
extension Float16: BinaryFloat {
  @inlinable
  public static var format: FloatFormat { .float16 }
  @inlinable
  public init(rounding value: Double) {
    // Processors convert from binary32 alone; from binary64 the compiler calls a library.
    self.init(Float(roundingToOdd: value))
  }
  @inlinable
  public var exactDouble: Double { Double(self) }
  @inlinable
  public static var one: Float16 { 1 }
  @inlinable
  public var roundedToInteger: Float16 { rounded(.toNearestOrEven) }

  /// Exact in binary64 (products have 22 bits at exponents between -48 and 32, sums at most 81 bits
  /// are rounded to odd), then rounded once.
  @inlinable
  public func addingProduct(_ a: Float16, _ b: Float16) -> Float16 {
    Float16(rounding: sumRoundedToOdd(Double(a) * Double(b), Double(self)))
  }

  @inlinable
  public func scaled(byPowerOfTwo exponent: Int) -> Float16 {
    Float16(
      rounding: exactDouble.scaled(byPowerOfTwo: Swift.max(-200, Swift.min(200, exponent))))
  }
  @inlinable
  public static func exp(_ x: Float16) -> Float16 {
    Float16(bitPattern: exponentials[x.bitPattern])
  }
  @inlinable
  public static func exp2(_ x: Float16) -> Float16 {
    Float16(bitPattern: powersOfTwo[x.bitPattern])
  }
  @inlinable
  public static func log(_ x: Float16) -> Float16 { Float16(bitPattern: logarithms[x.bitPattern]) }
  @inlinable
  public static func log(onePlus x: Float16) -> Float16 {
    Float16(bitPattern: logarithmsOnePlus[x.bitPattern])
  }

  @usableFromInline
  static let exponentials = FunctionTable { (x: Float16) in Float16(Float.exp(Float(x))) }
  @usableFromInline
  static let powersOfTwo = FunctionTable { (x: Float16) in Float16(Float.exp2(Float(x))) }
  @usableFromInline
  static let logarithms = FunctionTable { (x: Float16) in Float16(Float.log(Float(x))) }
  @usableFromInline
  static let logarithmsOnePlus = FunctionTable { (x: Float16) in
    Float16(Float.log(onePlus: Float(x)))
  }
}
