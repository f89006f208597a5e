import FloatFormats
import RealModule

/// The enclosure of an exact value v, to 2^-40 ulp or better, with its rounding decided.
///
/// The position is |v| divided by ulp(v) of the output format, in fixed point with 64 bits after
/// the point. What is stored is certain: |v| lies strictly between `lower` and `lower + width`
/// units, or is exactly `lower` units when `width` is 0; the binade of v, its floor and its nearest
/// float follow without doubt, because the oracle refines until no float, midpoint or binade
/// boundary lies inside. A probability is never negative; a log-probability never positive. Some
/// operations have infinite values.
public struct ExactValue: Sendable, Hashable {
  /// The lower end of the enclosure of |v| / ulp(v), in units of 2^-64.
  public let lower: UInt128
  /// The width of the enclosure in the same units; 0 where v is known exactly.
  public let width: UInt64
  /// The exponent of ulp(v): ulp(v) = 2^quantumExponent.
  public let quantumExponent: Int32
  /// |v| / ulp(v) in binary64, never below it and at most 2^-40 of itself above.
  ///
  /// Where v is far below one ulp, which subnormal and vanishing results are, it tells more than
  /// the fixed point.
  public let upperBound: Double
  /// Whether |v| is at least the least normal number of the format.
  public let isNormal: Bool
  /// Whether v is below 0.
  public let isNegative: Bool
  /// Whether v is +inf or -inf, by definition of the operation.
  public let isInfinite: Bool
  /// Whether v is 0 because terms of the operation cancel.
  public let isBalanced: Bool
  /// Whether the precision cap was reached before the rounding of v was decided.
  public let isUndecided: Bool

  init(
    lower: UInt128, width: UInt64, upperBound: Double, quantumExponent: Int, isNormal: Bool,
    isNegative: Bool = false, isInfinite: Bool = false, isBalanced: Bool = false,
    isUndecided: Bool = false
  ) {
    self.lower = lower
    self.width = width
    self.upperBound = upperBound
    self.quantumExponent = Int32(quantumExponent)
    self.isNormal = isNormal
    self.isNegative = isNegative
    self.isInfinite = isInfinite
    self.isBalanced = isBalanced
    self.isUndecided = isUndecided
  }

  /// A value whose rounding no precision up to the cap has decided.
  static let undecided = ExactValue(
    lower: 0, width: .max, upperBound: .infinity, quantumExponent: 0, isNormal: false,
    isUndecided: true)

  /// The distance from the maximum beyond which p < e^(-d) < 2^(quantum - 64).
  static func vanishingDistance(in format: FloatFormat) -> Double {
    Double(64 - format.quantumExponent) * Double.ln2Upper + 1
  }

  /// The probability of a logit beyond that distance, which needs no evaluation.
  ///
  /// In ulps e^(-d) is e^-(d + q ln 2). While that is above 2^-1022 the argument has an error below
  /// 2^-40, and the factor covers it.
  static func vanishing(distance: Double, in format: FloatFormat) -> ExactValue {
    let excess = distance + Double(format.quantumExponent) * Double.ln2Upper
    return ExactValue(
      lower: 0, width: 1,
      upperBound: max(Double.exp(-excess) * (1 + 0x1p-39), .leastNormalMagnitude),
      quantumExponent: format.quantumExponent, isNormal: false)
  }

  /// +inf.
  public static let positiveInfinity = ExactValue(
    lower: 0, width: 0, upperBound: .infinity, quantumExponent: 0, isNormal: false,
    isInfinite: true)
  /// -inf, the log-probability of a -inf logit.
  public static let negativeInfinity = ExactValue(
    lower: 0, width: 0, upperBound: .infinity, quantumExponent: 0, isNormal: false,
    isNegative: true, isInfinite: true)

  /// Exactly zero, where terms cancel that are not: an output beside it has an error like any
  /// other.
  ///
  /// Its unit is 1.
  static let balanced = ExactValue(
    lower: 0, width: 0, upperBound: 0, quantumExponent: 0, isNormal: false, isBalanced: true)

  /// Exactly zero, where no term is anything else: the probability of a -inf logit.
  ///
  /// Only 0 is right.
  public static let zero = ExactValue(
    lower: 0, width: 0, upperBound: 0, quantumExponent: 0, isNormal: false)

  /// Whether v is exactly zero.
  public var isZero: Bool { lower == 0 && width == 0 && !isInfinite }

  /// The upper end of the enclosure, in units of 2^-64 ulp.
  public var upper: UInt128 { lower + UInt128(width) }

  /// The largest integer of ulps that does not exceed |v|.
  public var floorUnits: UInt64 { UInt64(truncatingIfNeeded: lower >> 64) }

  /// The least integer of ulps that is not exceeded by |v|.
  public var ceilingUnits: UInt64 {
    let fractionIsZero = UInt64(truncatingIfNeeded: lower) == 0
    return width == 0 && fractionIsZero ? floorUnits : floorUnits + 1
  }

  /// The integer of ulps nearest to |v|, ties to even: the magnitude of its correct rounding.
  public var nearestUnits: UInt64 {
    let fraction = UInt64(truncatingIfNeeded: lower)
    let half: UInt64 = 1 << 63
    if width == 0, fraction == half { return floorUnits + (floorUnits & 1) }
    return fraction >= half ? floorUnits + 1 : floorUnits
  }

  /// The correct rounding of v in the format it was located in.
  public func correctlyRounded<F: BinaryFloat>(_ type: F.Type = F.self) -> F {
    if isInfinite { return isNegative ? -F.infinity : F.infinity }
    // Where |v| is below half the least quantum the zero has the sign of v.
    return F(
      rounding: Double(
        sign: isNegative ? .minus : .plus, exponent: Int(quantumExponent),
        significand: Double(nearestUnits)))
  }

  /// An approximation of v, good to about 2^-50, for display and for statistics.
  public var approximate: Double {
    if isInfinite { return isNegative ? -.infinity : .infinity }
    return Double(
      sign: isNegative ? .minus : .plus, exponent: Int(quantumExponent),
      significand: Double(lower) * 0x1p-64)
  }
}
