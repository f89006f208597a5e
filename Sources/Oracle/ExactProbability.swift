import FloatFormats
import RealModule

/// Where the exact probability p lies, to 2^-40 ulp or better, with its rounding decided.
///
/// The position is p divided by ulp(p) of the output format, in fixed point with 64 bits after the point.
/// What is stored is certain: p lies strictly between `lower` and `lower + width` units, or is exactly
/// `lower` units when `width` is 0; the binade of p, its floor and its nearest float follow without doubt,
/// because the oracle refines until no float, midpoint or binade boundary lies inside.
public struct ExactProbability: Sendable, Hashable {
  /// The lower end of the enclosure of p / ulp(p), in units of 2^-64.
  public let lower: UInt128
  /// The width of the enclosure in the same units; 0 where p is known exactly.
  public let width: UInt64
  /// The exponent of ulp(p): ulp(p) = 2^quantumExponent.
  public let quantumExponent: Int32
  /// p / ulp(p) in binary64, never below it and at most 2^-40 of itself above.
  ///
  /// Where p is far below one ulp, which subnormal and vanishing results are, it tells more than the fixed point.
  public let upperBound: Double
  /// Whether p is at least the least normal number of the format.
  public let isNormal: Bool
  /// Whether the precision cap was reached before the rounding of p was decided.
  public let isUndecided: Bool

  init(
    lower: UInt128, width: UInt64, upperBound: Double, quantumExponent: Int, isNormal: Bool,
    isUndecided: Bool = false
  ) {
    self.lower = lower
    self.width = width
    self.upperBound = upperBound
    self.quantumExponent = Int32(quantumExponent)
    self.isNormal = isNormal
    self.isUndecided = isUndecided
  }

  /// A probability whose rounding no precision up to the cap has decided.
  static let undecided = ExactProbability(
    lower: 0, width: .max, upperBound: .infinity, quantumExponent: 0, isNormal: false,
    isUndecided: true)

  /// The distance from the maximum beyond which p < e^(-d) < 2^(quantum - 64).
  static func vanishingDistance(in format: FloatFormat) -> Double {
    Double(64 - format.quantumExponent) * Double.ln2Upper + 1
  }

  /// The probability of a logit beyond that distance, which needs no evaluation.
  ///
  /// In ulps e^(-d) is e^-(d + q ln 2). While that is above 2^-1022 the argument has an error below 2^-40, and the factor
  /// covers it.
  static func vanishing(distance: Double, in format: FloatFormat) -> ExactProbability {
    let excess = distance + Double(format.quantumExponent) * Double.ln2Upper
    return ExactProbability(
      lower: 0, width: 1,
      upperBound: max(Double.exp(-excess) * (1 + 0x1p-39), .leastNormalMagnitude),
      quantumExponent: format.quantumExponent, isNormal: false)
  }

  /// Exactly zero, the probability of a -inf logit.
  public static let zero = ExactProbability(
    lower: 0, width: 0, upperBound: 0, quantumExponent: 0, isNormal: false)

  /// Whether p is exactly zero.
  public var isZero: Bool { lower == 0 && width == 0 }

  /// The upper end of the enclosure, in units of 2^-64 ulp.
  public var upper: UInt128 { lower + UInt128(width) }

  /// The largest integer of ulps that does not exceed p.
  public var floorUnits: UInt64 { UInt64(truncatingIfNeeded: lower >> 64) }

  /// The least integer of ulps that is not exceeded by p.
  public var ceilingUnits: UInt64 {
    let fractionIsZero = UInt64(truncatingIfNeeded: lower) == 0
    return width == 0 && fractionIsZero ? floorUnits : floorUnits + 1
  }

  /// The integer of ulps nearest to p, ties to even: its correct rounding.
  public var nearestUnits: UInt64 {
    let fraction = UInt64(truncatingIfNeeded: lower)
    let half: UInt64 = 1 << 63
    if width == 0, fraction == half { return floorUnits + (floorUnits & 1) }
    return fraction >= half ? floorUnits + 1 : floorUnits
  }

  /// The correct rounding of p in the format it was located in.
  public func correctlyRounded<F: BinaryFloat>(_ type: F.Type = F.self) -> F {
    F(
      rounding: Double(
        sign: .plus, exponent: Int(quantumExponent), significand: Double(nearestUnits)))
  }

  /// An approximation of p, good to about 2^-50, for display and for statistics.
  public var approximate: Double {
    Double(sign: .plus, exponent: Int(quantumExponent), significand: Double(lower) * 0x1p-64)
  }
}
