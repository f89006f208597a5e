import FloatFormats

/// A set of classes of floating-point values, of either sign.
package struct FloatClasses: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let zero = FloatClasses(rawValue: 1)
  package static let subnormal = FloatClasses(rawValue: 2)
  package static let normal = FloatClasses(rawValue: 4)
  package static let infinite = FloatClasses(rawValue: 8)
  package static let quietNaN = FloatClasses(rawValue: 16)
  package static let signalingNaN = FloatClasses(rawValue: 32)

  package static let finite: FloatClasses = [.zero, .subnormal, .normal]
  /// Everything but signaling NaNs, which hardware may turn quiet wherever a value is moved.
  package static let all: FloatClasses = [.finite, .infinite, .quietNaN]
}

/// The floats a choice may come out as: a format, bounds and classes.
///
/// Bounds are taken in the total order, in which -0 stands below +0. A NaN satisfies no bound:
/// there are NaNs only between the infinities.
package struct FloatConstraint: Hashable, Sendable {
  package let format: FloatFormat
  package let classes: FloatClasses
  /// The places of the bounds in the total order, see `BinaryFloat.orderedIndex`.
  let lowestPlace: Int64
  let highestPlace: Int64
  /// The encoding that is first in ``FloatOrder`` of those permitted.
  package let simplest: UInt64

  /// The floats between two bounds, both included, that belong to one of the classes.
  ///
  /// Traps where there is none, or where a bound is a NaN.
  package init<F: BinaryFloat>(
    _ type: F.Type = F.self, from lowest: F = -F.infinity, to highest: F = F.infinity,
    classes: FloatClasses = .all
  ) {
    precondition(!lowest.isNaN && !highest.isNaN, "a bound of a float choice is not a number")
    format = F.format
    let isBounded = lowest != -F.infinity || highest != F.infinity
    self.classes = isBounded ? classes.subtracting([.quietNaN, .signalingNaN]) : classes
    lowestPlace = lowest.orderedIndex
    highestPlace = highest.orderedIndex
    let order = FloatOrder(F.format)
    let candidates = Self.intervals(
      order, classes: self.classes, lowestPlace: lowestPlace, highestPlace: highestPlace
    ).compactMap { $0.simplest(in: order) }
    guard let first = candidates.min(by: { order.rank(of: $0) < order.rank(of: $1) }) else {
      preconditionFailure("no float of format \(F.format.rawValue) satisfies the constraint")
    }
    simplest = first
  }

  var order: FloatOrder { FloatOrder(format) }

  /// Whether an encoding is permitted.
  package func permits(_ bits: UInt64) -> Bool {
    let order = order
    let magnitude = bits & ~order.signBit
    guard bits <= order.lastRank, classes.contains(Self.floatClass(magnitude, order)) else {
      return false
    }
    if magnitude > order.infinity { return true }
    let place = bits & order.signBit == 0 ? Int64(magnitude) : -1 - Int64(magnitude)
    return lowestPlace <= place && place <= highestPlace
  }

  /// The permitted encodings as runs of one class and one sign each.
  var intervals: [FloatInterval] {
    Self.intervals(
      order, classes: classes, lowestPlace: lowestPlace, highestPlace: highestPlace)
  }

  private static func floatClass(_ magnitude: UInt64, _ order: FloatOrder) -> FloatClasses {
    if magnitude == 0 { return .zero }
    if magnitude < order.fractionsPerDenominator { return .subnormal }
    if magnitude < order.infinity { return .normal }
    if magnitude == order.infinity { return .infinite }
    return (magnitude - order.infinity) & order.quietBit != 0 ? .quietNaN : .signalingNaN
  }

  private static func intervals(
    _ order: FloatOrder, classes: FloatClasses, lowestPlace: Int64, highestPlace: Int64
  ) -> [FloatInterval] {
    var found: [FloatInterval] = []
    let leastNormal = order.fractionsPerDenominator
    let numbers: [(FloatClasses, ClosedRange<UInt64>)] = [
      (.zero, 0...0), (.subnormal, 1...leastNormal - 1),
      (.normal, leastNormal...order.infinity - 1), (.infinite, order.infinity...order.infinity),
    ]
    for (floatClass, magnitudes) in numbers where classes.contains(floatClass) {
      let lower = Int64(magnitudes.lowerBound)
      let upper = Int64(magnitudes.upperBound)
      let positives = (max(lower, lowestPlace), min(upper, highestPlace))
      if positives.0 <= positives.1 {
        found.append(
          FloatInterval(
            floatClass: floatClass, isNegative: false,
            magnitudes: UInt64(positives.0)...UInt64(positives.1)))
      }
      let negatives = (max(-1 - upper, lowestPlace), min(-1 - lower, highestPlace))
      if negatives.0 <= negatives.1 {
        found.append(
          FloatInterval(
            floatClass: floatClass, isNegative: true,
            magnitudes: UInt64(-1 - negatives.1)...UInt64(-1 - negatives.0)))
      }
    }
    let firstQuiet = order.infinity + order.quietBit
    let payloads: [(FloatClasses, ClosedRange<UInt64>)] = [
      (.quietNaN, firstQuiet...order.signBit - 1),
      (.signalingNaN, order.infinity + 1...firstQuiet - 1),
    ]
    for (floatClass, magnitudes) in payloads where classes.contains(floatClass) {
      for isNegative in [false, true] {
        found.append(
          FloatInterval(floatClass: floatClass, isNegative: isNegative, magnitudes: magnitudes))
      }
    }
    return found
  }
}

/// A run of consecutive magnitudes of one class, with one sign.
struct FloatInterval: Hashable, Sendable {
  let floatClass: FloatClasses
  let isNegative: Bool
  let magnitudes: ClosedRange<UInt64>

  /// The encoding of the interval that is first in the order.
  func simplest(in order: FloatOrder) -> UInt64? {
    let sign = isNegative ? order.signBit : 0
    if floatClass != .normal && floatClass != .subnormal { return magnitudes.lowerBound | sign }
    return simplestFinite(in: order) | sign
  }

  /// Looks through the groups of the order, each for its first member between the bounds.
  private func simplestFinite(in order: FloatOrder) -> UInt64 {
    let low = order.number(ofMagnitude: magnitudes.lowerBound)
    let high = order.number(ofMagnitude: magnitudes.upperBound)
    let limit = Double(order.integerCount)
    let integer = low.rounded(.up)
    if integer <= high, integer < limit {
      return order.magnitude(significand: UInt64(integer), exponent: 0)
    }
    for k in 1...order.finestExponent {
      if k == order.coarsestExponents + 1, high >= limit { break }
      var numerator = low.scaled(byPowerOfTwo: k).rounded(.up)
      if numerator >= limit { break }
      if numerator.remainder(dividingBy: 2) == 0 { numerator += 1 }
      if numerator < limit, numerator <= high.scaled(byPowerOfTwo: k) {
        return order.magnitude(significand: UInt64(numerator), exponent: -k)
      }
    }
    // Either the interval reaches the large integers, or it lies among them.
    let firstLarge = order.magnitude(significand: 1, exponent: order.format.precision)
    return max(magnitudes.lowerBound, firstLarge)
  }
}
