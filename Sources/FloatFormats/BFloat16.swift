import RealModule

/// The 16-bit format with the exponent range of binary32 and 8 bits of significand.
///
/// **Why arithmetic through `Float` is correctly rounded.** Each operation is computed in binary32
/// and its result rounded to 8 bits. Rounding twice is innocuous for +, -, *, / when the wider
/// precision is at least 2P + 2 (S. Figueroa, "When is double rounding innocuous?", SIGNUM
/// Newsletter 30(3), 1995): 24 >= 18. That theorem leaves the subnormal range out, where the two
/// formats share e_min = -126 but binary32 keeps 16 more bits:
///
/// * sums and differences of bfloat16 values are multiples of 2^-133, so binary32 holds those below
///   2^-126 exactly;
/// * a product has at most 16 significant bits; at or above 2^-134, half the least subnormal, its
///   last bit weighs at least 2^-149, so binary32 holds it exactly, and below 2^-134 both roundings
///   give 0 (at worst the first one lands on 2^-134 itself, a tie that goes to the even 0);
/// * a quotient a/b that is not itself a midpoint M 2^-134 of two bfloat16 subnormals differs from
///   it by at least 2^-134 / B for an 8-bit integer B, so by 2^-142, while binary32 errs by at most
///   2^-150.
public struct BFloat16: ComputedThroughFloat {
  public let bitPattern: UInt16

  @inlinable
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  @inlinable
  public static var format: FloatFormat { .bfloat16 }

  /// The bfloat16 nearest to a binary32 value, ties to even.
  ///
  /// Adding just under half of the discarded field's weight, plus the last kept bit, carries into
  /// the kept field exactly when rounding up is due; the carry out of the largest binade makes
  /// infinity. A NaN must not go that way: its payload could carry into the sign.
  @inlinable
  public init(rounding value: Float) {
    let bits = value.bitPattern
    if value.isNaN {
      self.init(bitPattern: UInt16(bits >> 16) | 0x40)
    } else {
      self.init(bitPattern: UInt16((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16))
    }
  }

  /// The bfloat16 nearest to a binary64 value, ties to even.
  ///
  /// `Float(value)` on the way would round twice: 1 + 2^-8 + 2^-40 would fall onto the midpoint 1 +
  /// 2^-8 and then down.
  @inlinable
  public init(rounding value: Double) { self.init(rounding: Float(roundingToOdd: value)) }

  /// The same number as a binary32 value, exactly.
  @inlinable
  public var float: Float { Float(bitPattern: UInt32(bitPattern) << 16) }

  @inlinable
  public static var zero: BFloat16 { BFloat16(bitPattern: 0) }
  @inlinable
  public static var one: BFloat16 { BFloat16(bitPattern: 0x3F80) }
  @inlinable
  public static var infinity: BFloat16 { BFloat16(bitPattern: 0x7F80) }
  @inlinable
  public static var nan: BFloat16 { BFloat16(bitPattern: 0x7FC0) }

  /// The product is exact in binary64 unless it falls below 2^-252, and the sum is rounded to odd.
  ///
  /// Two-sum recovers the error of the binary64 addition; when there is one, the sum is moved to
  /// its odd neighbour, after which the final rounding is the only one.
  @inlinable
  public func addingProduct(_ a: BFloat16, _ b: BFloat16) -> BFloat16 {
    let product = a.exactDouble * b.exactDouble
    return BFloat16(rounding: sumRoundedToOdd(product, exactDouble))
  }

  @inlinable
  public func scaled(byPowerOfTwo exponent: Int) -> BFloat16 {
    BFloat16(rounding: exactDouble.scaled(byPowerOfTwo: exponent))
  }

  @inlinable
  public static func exp(_ x: BFloat16) -> BFloat16 {
    BFloat16(bitPattern: exponentials[x.bitPattern])
  }
  @inlinable
  public static func exp2(_ x: BFloat16) -> BFloat16 {
    BFloat16(bitPattern: powersOfTwo[x.bitPattern])
  }
  @inlinable
  public static func log(_ x: BFloat16) -> BFloat16 {
    BFloat16(bitPattern: logarithms[x.bitPattern])
  }
  @inlinable
  public static func log(onePlus x: BFloat16) -> BFloat16 {
    BFloat16(bitPattern: logarithmsOnePlus[x.bitPattern])
  }

  @usableFromInline
  static let exponentials = FunctionTable { (x: BFloat16) in
    BFloat16(rounding: Float.exp(x.float))
  }
  @usableFromInline
  static let powersOfTwo = FunctionTable { (x: BFloat16) in
    BFloat16(rounding: Float.exp2(x.float))
  }
  @usableFromInline
  static let logarithms = FunctionTable { (x: BFloat16) in
    BFloat16(rounding: Float.log(x.float))
  }
  @usableFromInline
  static let logarithmsOnePlus = FunctionTable { (x: BFloat16) in
    BFloat16(rounding: Float.log(onePlus: x.float))
  }
}

extension Float {
  /// A binary64 number rounded to odd: the same number, or the neighbour of it whose last bit is 1.
  ///
  /// That bit keeps the information that something lies below, so that a further rounding to 22
  /// bits or fewer is the only one that shows (S. Boldo and G. Melquiond, "Emulation of FMA and
  /// correctly rounded sums", IEEE TC 57(4), 2008). Beyond the range of binary32 it is an infinity.
  @inlinable
  init(roundingToOdd value: Double) {
    let nearest = Float(value)
    // The one that is odd already, or the neighbour on the other side of the value.
    guard nearest.isFinite, Double(nearest) != value, nearest.bitPattern & 1 == 0 else {
      self = nearest
      return
    }
    let isTooLarge = abs(Double(nearest)) > abs(value)
    self.init(bitPattern: isTooLarge ? nearest.bitPattern &- 1 : nearest.bitPattern &+ 1)
  }
}

/// The sum of two binary64 numbers rounded to odd: exact, or the neighbour of it whose last bit is
/// 1.
@inlinable
func sumRoundedToOdd(_ a: Double, _ b: Double) -> Double {
  let sum = a + b
  guard sum.isFinite else { return sum }
  let bRounded = sum - a
  let error = (a - (sum - bRounded)) + (b - bRounded)
  guard error != 0, sum.bitPattern & 1 == 0 else { return sum }
  return (error > 0) == (sum > 0)
    ? Double(bitPattern: sum.bitPattern &+ 1) : Double(bitPattern: sum.bitPattern &- 1)
}
