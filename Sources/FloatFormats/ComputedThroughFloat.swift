/// A 16-bit format whose comparisons and arithmetic go through binary32.
///
/// Both conversions are inlined, and each operation rounds twice. Why the second rounding shows
/// nowhere is said where a type conforms: that depends on its precision and its least exponent.
public protocol ComputedThroughFloat: BinaryFloat where BitPattern == UInt16 {
  /// The number nearest to a binary32 value, ties to even.
  init(rounding value: Float)
  /// The same number as a binary32 value, exactly.
  var float: Float { get }
}

extension ComputedThroughFloat {
  @inlinable
  public var exactDouble: Double { Double(float) }

  @inlinable
  public static func == (a: Self, b: Self) -> Bool { a.float == b.float }
  @inlinable
  public static func < (a: Self, b: Self) -> Bool { a.float < b.float }
  // `Comparable` would derive the other three by negation, which answers true for NaN.
  @inlinable
  public static func <= (a: Self, b: Self) -> Bool { a.float <= b.float }
  @inlinable
  public static func > (a: Self, b: Self) -> Bool { a.float > b.float }
  @inlinable
  public static func >= (a: Self, b: Self) -> Bool { a.float >= b.float }
  @inlinable
  public func hash(into hasher: inout Hasher) { hasher.combine(float) }

  @inlinable
  public static func + (a: Self, b: Self) -> Self { Self(rounding: a.float + b.float) }
  @inlinable
  public static func - (a: Self, b: Self) -> Self { Self(rounding: a.float - b.float) }
  @inlinable
  public static func * (a: Self, b: Self) -> Self { Self(rounding: a.float * b.float) }
  @inlinable
  public static func / (a: Self, b: Self) -> Self { Self(rounding: a.float / b.float) }
  @inlinable
  public static prefix func - (a: Self) -> Self { Self(bitPattern: a.bitPattern ^ 0x8000) }

  @inlinable
  public var roundedToInteger: Self { Self(rounding: float.rounded(.toNearestOrEven)) }

  public var description: String { hexText }
}
