import FloatFormats

/// A number that losses, gradients and Jacobians are computed with.
///
/// Their algorithms are written once over it: with ``Rounded`` they compute, with ``RunningError``
/// they evaluate their bound, so that a bound follows the very operations that it bounds.
protocol DerivedNumber: SummationNumber {
  /// A number of the format that is computed in.
  init(given value: Double)
  /// Any number, rounded to that format.
  init(rounding value: Double)

  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  static prefix func - (a: Self) -> Self
  /// The exponential of a difference from a maximum, or from a logsumexp: no positive number.
  static func exp(_ x: Self) -> Self
  /// The logarithm of a number that is not negative; -inf of 0.
  static func log(_ x: Self) -> Self

  /// Whether a given number is larger than another.
  func exceeds(_ other: Self) -> Bool
  var isFinite: Bool { get }
  /// The product with another number; `nil` for zero, whatever the other is.
  func scaling(_ other: Self) -> Self?
}

extension DerivedNumber {
  @inline(__always)
  static var zero: Self { Self(given: 0) }
  @inline(__always)
  static var one: Self { Self(given: 1) }
}

extension Rounded: DerivedNumber {
  @inline(__always)
  init(given value: Double) { self.init(C(rounding: value)) }
  @inline(__always)
  init(rounding value: Double) { self.init(C(rounding: value)) }

  @inline(__always)
  static func - (a: Self, b: Self) -> Self { Self(a.value - b.value) }
  @inline(__always)
  static func * (a: Self, b: Self) -> Self { Self(a.value * b.value) }
  @inline(__always)
  static func / (a: Self, b: Self) -> Self { Self(a.value / b.value) }
  @inline(__always)
  static prefix func - (a: Self) -> Self { Self(-a.value) }
  @inline(__always)
  static func exp(_ x: Self) -> Self { Self(C.exp(x.value)) }
  @inline(__always)
  static func log(_ x: Self) -> Self { Self(C.log(x.value)) }

  @inline(__always)
  func exceeds(_ other: Self) -> Bool { value > other.value }
  @inline(__always)
  var isFinite: Bool { value.isFinite }
  @inline(__always)
  func scaling(_ other: Self) -> Self? { value.isZero ? nil : self * other }
}
