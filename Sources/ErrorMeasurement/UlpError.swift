import FloatFormats
import Oracle

/// The error of one finite output against the exact value, in units in the last place of the exact
/// one.
///
/// error = (y - v) / ulp(v), a signed real number. What is held is an enclosure in fixed point, in
/// units of 2^-64 ulp; errors beyond 2^62 ulp are held in binary64, which is enough for what only
/// their size decides.
package struct UlpError {
  /// Whether y is below v; false where they are equal.
  package let isNegative: Bool
  /// The ends of |error| in units of 2^-64: it lies strictly between the two, or is `lower` exactly
  /// where both agree.
  package let lower: UInt128
  package let upper: UInt128
  /// |error| where it does not fit into 126 bits of units, otherwise nil; infinite beyond binary64.
  package let astronomical: Double?
  /// |y| in units of ulp(v) where |error| is beyond binary64, next to which v is nothing; otherwise
  /// nil.
  let beyondBinary64: (significand: UInt64, exponent: Int)?
  /// For y = 0 an upper bound of |v| / ulp(v), which is the error.
  private let zeroOutputBound: Double?
  /// Whether y is v rounded down or rounded up.
  package let isFaithful: Bool
  /// Whether y is v rounded to nearest, ties to even.
  package let isCorrectlyRounded: Bool

  /// The error of a finite output y against a finite, decided v.
  ///
  /// Both are mirrored where v is negative; then y is negative only where it lies on the other side
  /// of 0.
  @_specialize(where G == Float16)
  @_specialize(where G == BFloat16)
  @_specialize(where G == Float)
  @_specialize(where G == Double)
  package init<G: BinaryFloat>(of y: G, against exact: ExactValue) {
    let (significand, exponent) = y.decomposed
    let isOpposite = y.isNegative != exact.isNegative && significand != 0
    let shift = exponent + 64 - Int(exact.quantumExponent)
    let length = 64 - significand.leadingZeroBitCount
    guard length + shift <= 126 else {
      // y is at least 2^61 ulp of v away from it.
      isNegative = y.isNegative
      let unitExponent = exponent - Int(exact.quantumExponent)
      let units = Double(sign: .plus, exponent: unitExponent, significand: 1)
      let own = Self.double(exact.lower) * 0x1p-64
      let magnitude = Double(significand) * units + (isOpposite ? own : -own)
      astronomical = magnitude
      beyondBinary64 = magnitude < .infinity ? nil : (significand, unitExponent)
      (lower, upper) = (0, 0)
      zeroOutputBound = nil
      isFaithful = false
      isCorrectlyRounded = false
      return
    }
    astronomical = nil
    beyondBinary64 = nil
    // y in units: exactly `low` units, or strictly between `low` and `high`.
    let low: UInt128
    let high: UInt128
    if shift >= 0 {
      low = UInt128(significand) &<< UInt128(shift)
      high = low
    } else if shift > -64 {
      low = UInt128(significand >> UInt64(-shift))
      high = significand & ((1 << UInt64(-shift)) - 1) == 0 ? low : low + 1
    } else {
      low = 0
      high = significand == 0 ? 0 : 1
    }
    guard !isOpposite else {
      isFaithful = false
      isCorrectlyRounded = false
      zeroOutputBound = nil
      isNegative = y.isNegative
      lower = low + exact.lower
      upper = high + exact.upper
      return
    }
    let isWhole = low == high && UInt64(truncatingIfNeeded: low) == 0
    let units = UInt64(truncatingIfNeeded: low &>> 64)
    isFaithful = isWhole && (units == exact.floorUnits || units == exact.ceilingUnits)
    isCorrectlyRounded = isWhole && units == exact.nearestUnits
    zeroOutputBound = significand == 0 ? exact.upperBound : nil
    if low >= exact.upper {
      isNegative = exact.isNegative && high > exact.lower
      lower = low - exact.upper
      upper = high - exact.lower
    } else if high <= exact.lower {
      isNegative = !exact.isNegative
      lower = exact.lower - high
      upper = exact.upper - low
    } else {
      // y lies inside the enclosure of v, which no float does unless it is tiny or of a lower
      // binade.
      isNegative = false
      lower = 0
      upper = max(exact.upper - low, high - exact.lower)
    }
  }

  /// Whether the error is known exactly.
  package var isExact: Bool { lower == upper && astronomical == nil }

  /// |error|, good to 2^-40 at least.
  package var magnitude: Double {
    astronomical ?? Self.double(lower + (upper - lower) / 2) * 0x1p-64
  }

  /// A 128-bit integer in binary64 within 2^-52 of itself; the generic conversion costs as much as
  /// an exponential.
  @inline(__always)
  private static func double(_ value: UInt128) -> Double {
    Double(UInt64(truncatingIfNeeded: value &>> 64)) * 0x1p64
      + Double(UInt64(truncatingIfNeeded: value))
  }

  /// An upper bound of |error|.
  package var magnitudeUpperBound: Double {
    if let astronomical { return astronomical * (1 + 0x1p-50) }
    let bound = (Self.double(upper) * 0x1p-64).nextUp
    return zeroOutputBound.map { min(bound, $0) } ?? bound
  }

  /// |error| on the grid of 2^-40 ulp, for statistics; nil where it does not fit into 64 bits.
  var gridMagnitude: UInt64? {
    guard astronomical == nil else { return nil }
    let middle = lower + (upper - lower) / 2
    let rounded = (middle + (1 << 23)) &>> 24
    return rounded <= UInt128(UInt64.max) ? UInt64(rounded) : nil
  }
}
