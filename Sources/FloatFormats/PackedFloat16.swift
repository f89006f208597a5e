/// A `Float16` that stays in integer registers between its operations: the same numbers, and the
/// same results to the bit.
///
/// On x86-64 a `Float16` is loaded into a part of a vector register, and the load waits for
/// whatever is to be in the rest of it. That strings all operations of short lanes together, one
/// after the other, and doubles their time. Every operation here goes through binary32, which is
/// where processors without binary16 arithmetic compute as well; ``Float16`` says why the second
/// rounding shows nowhere.
public struct PackedFloat16: ComputedThroughFloat {
  public let bitPattern: UInt16

  @inlinable
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }
  /// The binary16 number nearest to a binary32 number, ties to even.
  @inlinable
  public init(rounding value: Float) { bitPattern = Float16(value).bitPattern }
  @inlinable
  public init(rounding value: Double) { bitPattern = Float16(rounding: value).bitPattern }
  @inlinable
  init(_ number: Float16) { bitPattern = number.bitPattern }

  @inlinable
  public static var format: FloatFormat { .float16 }
  /// The same number as the compiler's type.
  @inlinable
  var number: Float16 { Float16(bitPattern: bitPattern) }
  /// The same number as a binary32 value, exactly.
  @inlinable
  public var float: Float { Float(number) }

  @inlinable
  public static var zero: Self { Self(bitPattern: 0) }
  @inlinable
  public static var one: Self { Self(bitPattern: 0x3C00) }
  @inlinable
  public static var infinity: Self { Self(bitPattern: 0x7C00) }
  @inlinable
  public static var nan: Self { Self(bitPattern: 0x7E00) }

  @inlinable
  public func addingProduct(_ a: Self, _ b: Self) -> Self {
    Self(number.addingProduct(a.number, b.number))
  }
  @inlinable
  public func scaled(byPowerOfTwo exponent: Int) -> Self {
    Self(number.scaled(byPowerOfTwo: exponent))
  }

  @inlinable
  public static func exp(_ x: Self) -> Self { Self(bitPattern: Float16.exponentials[x.bitPattern]) }
  @inlinable
  public static func exp2(_ x: Self) -> Self { Self(bitPattern: Float16.powersOfTwo[x.bitPattern]) }
  @inlinable
  public static func log(_ x: Self) -> Self { Self(bitPattern: Float16.logarithms[x.bitPattern]) }
  @inlinable
  public static func log(onePlus x: Self) -> Self {
    Self(bitPattern: Float16.logarithmsOnePlus[x.bitPattern])
  }
}
