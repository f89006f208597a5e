import FloatFormats

/// The order in which the terms of a softmax are added.
///
/// Every order is written once, over ``ScaledTerm``: the same code adds floating-point numbers when
/// a variant computes, and error-tracking numbers when its bound is evaluated, so that a bound
/// follows the very tree of additions that it bounds.
public enum Summation: String, CaseIterable, Sendable, Hashable {
  /// One after the other. Relative error at most (n - 1) u on positive terms.
  case sequential
  /// Halves first, down to single terms. At most ceil(log2 n) u.
  case pairwise
  /// One after the other, the rounding errors added up apart and returned at the end (the cascaded
  /// two-sum Sum2 of Ogita, Rump and Oishi, "Accurate sum and dot product", SIAM J. Sci. Comput.
  /// 26(6), 2005). At most u + ((n - 1) u / (1 - (n - 1) u))^2 on positive terms.
  case compensated
  /// Eight interleaved accumulators, as a vector unit has, then combined in pairs. At most
  /// (ceil(n / 8) + 2) u.
  case lanes8 = "lanes-8"

  /// The sum of the terms 0 to count - 1, for count >= 1.
  @inlinable @inline(__always)
  func sum<Term: ScaledTerm>(count: Int, _ term: (Int) -> Term) -> Term {
    switch self {
    case .sequential:
      var total = term(0)
      for index in 1..<max(count, 1) { total = total.adding(term(index)) }
      return total

    case .pairwise:
      return pairwiseSum(0..<count, term)

    case .compensated:
      var total = term(0)
      var residual = Term.Number.zeroResidual
      for index in 1..<max(count, 1) {
        var next = term(index)
        if total.hasSmallerScale(than: next) {
          residual = total.rescaled(residual, to: next)
          total.number = total.rescaled(total.number, to: next)
          total.adoptScale(of: next)
        } else if next.hasSmallerScale(than: total) {
          next.number = next.rescaled(next.number, to: total)
        }
        let (sum, error) = Term.Number.twoSum(total.number, next.number)
        total.number = sum
        residual = Term.Number.add(residual, error)
      }
      total.number = total.number.adding(residual)
      return total

    case .lanes8:
      return withUnsafeTemporaryAllocation(of: Term.self, capacity: 8) { lanes in
        let filled = min(count, 8)
        for lane in 0..<filled { lanes.initializeElement(at: lane, to: term(lane)) }
        var index = 8
        while index + 8 <= count {
          for lane in 0..<8 { lanes[lane] = lanes[lane].adding(term(index + lane)) }
          index += 8
        }
        while index < count {
          lanes[index & 7] = lanes[index & 7].adding(term(index))
          index += 1
        }
        var width = filled
        while width > 1 {
          let half = (width + 1) / 2
          for lane in 0..<width / 2 { lanes[lane] = lanes[lane].adding(lanes[lane + half]) }
          width = half
        }
        return lanes[0]
      }
    }
  }
}

@inlinable
func pairwiseSum<Term: ScaledTerm>(_ range: Range<Int>, _ term: (Int) -> Term) -> Term {
  switch range.count {
  case 1: return term(range.lowerBound)
  case 2: return term(range.lowerBound).adding(term(range.lowerBound + 1))
  default:
    let middle = range.lowerBound + range.count / 2
    return pairwiseSum(range.lowerBound..<middle, term)
      .adding(pairwiseSum(middle..<range.upperBound, term))
  }
}

/// A number that a summation can add, with or without compensation.
public protocol SummationNumber {
  /// The number that a two-sum leaves over.
  associatedtype Residual
  static func + (a: Self, b: Self) -> Self
  /// The rounded sum and its exact error (Knuth's two-sum, six operations, any order of
  /// magnitudes).
  static func twoSum(_ a: Self, _ b: Self) -> (sum: Self, error: Residual)
  static var zeroResidual: Residual { get }
  static func add(_ a: Residual, _ b: Residual) -> Residual
  func adding(_ residual: Residual) -> Self
}

/// A number relative to a scale of its own, such as the maximum of what it sums up.
///
/// Before two terms are added, the one with the smaller scale is brought to the larger.
public protocol ScaledTerm {
  associatedtype Number: SummationNumber
  var number: Number { get set }
  func hasSmallerScale(than other: Self) -> Bool
  func rescaled(_ number: Number, to other: Self) -> Number
  func rescaled(_ residual: Number.Residual, to other: Self) -> Number.Residual
  mutating func adoptScale(of other: Self)
}

extension ScaledTerm {
  @inlinable @inline(__always)
  func adding(_ other: Self) -> Self {
    if hasSmallerScale(than: other) {
      var result = other
      result.number = rescaled(number, to: other) + other.number
      return result
    }
    var result = self
    result.number =
      other.hasSmallerScale(than: self)
      ? number + other.rescaled(other.number, to: self) : number + other.number
    return result
  }
}

/// A term without a scale: a plain sum.
public struct Unscaled<Number: SummationNumber>: ScaledTerm {
  public var number: Number
  @inlinable
  init(_ number: Number) { self.number = number }
  @inlinable
  public func hasSmallerScale(than other: Self) -> Bool { false }
  @inlinable
  public func rescaled(_ number: Number, to other: Self) -> Number { number }
  @inlinable
  public func rescaled(_ residual: Number.Residual, to other: Self) -> Number.Residual { residual }
  @inlinable
  public mutating func adoptScale(of other: Self) {}
}

/// A floating-point number in a summation.
public struct Rounded<C: BinaryFloat>: SummationNumber {
  @usableFromInline
  var value: C
  @inlinable
  init(_ value: C) { self.value = value }
  @inlinable
  public static func + (a: Self, b: Self) -> Self { Self(a.value + b.value) }
  @inlinable
  public static func twoSum(_ a: Self, _ b: Self) -> (sum: Self, error: C) {
    let sum = a.value + b.value
    let bPart = sum - a.value
    let aPart = sum - bPart
    return (Self(sum), (a.value - aPart) + (b.value - bPart))
  }
  @inlinable
  public static var zeroResidual: C { .zero }
  @inlinable
  public static func add(_ a: C, _ b: C) -> C { a + b }
  @inlinable
  public func adding(_ residual: C) -> Self { Self(value + residual) }
}
