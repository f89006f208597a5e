import CLaneKernels

/// ln (k + t) in double-double, k an integer below 2^53 and t a number in double-double below 2^53,
/// neither negative and not both 0.
///
/// As ``SumLogarithm``, and what is lost in k + t where t is small is kept in the same way.
///
/// **Derivation**, with u = 2^-53 and operations that are good to 8 u^2, sums to 8 u^2 of the sizes
/// of their terms. Let k + t = 2^e z with z in [sqrt 1/2, sqrt 2), to a rounding of binary64 that
/// matters to nothing, and w = (z - 1) / (z + 1), |w| < 0.1717; then ln z = 2 w (1 + q), q = w^2/3
/// + w^4/5 + ... < 0.0102. Cut after w^42 / 43 the series is off by w^44 / 45 (1 + 0.04) < 2^-116.
/// Horner's steps add a constant that is good to 8 u^2, and multiply by w^2.
///
/// * k + t = 1 + t < sqrt 2: z - 1 = t, without an operation. z + 1 = 2 + t and the quotient make
///   16 u^2, w^2 twice that and 8 u^2. A step of Horner's errs by 8 + 8 + 8 + 40 u^2 of itself and
///   by less than a tenth of what the step before did: 72 u^2, less than 1 u^2 of 1 + q. The last
///   sum and product make 16 u^2: ln (1 + t) is good to 16 + 1 + 16 < **34 u^2**.
/// * Else: k + t errs by 8 u^2 of itself, which is as much in its logarithm, absolutely. z - 1 errs
///   by 8 (z + 1) u^2, and 2 w by twice 8 u^2 for that and by 16 u^2 of itself: in all 2 w (1 + q)
///   is off by 17 + 0.35 (16 + 1 + 16) < 29 u^2 absolutely. ln 2 as a pair is good to 1 u^2 and its
///   product with e to 8 u^2 of itself; the last sum errs by 8 u^2 of both sizes. With l = ln (k +
///   t) >= 0.3465 and e ln 2 <= l + 0.3466 that makes 8 + 29 + 9 (l + 0.3466) + 8 (l + 2 0.3466) <
///   46 + 17 l, less than **150 u^2** of l.
///
/// A relative error of t is one of at most itself in the result, see ``SumLogarithm``.
package enum PairLogarithm {
  /// The bound on the relative error, in units of 2^-106.
  package static let error = 160.0

  /// The reciprocals of the odd numbers from 3 to 43.
  private static let reciprocals = stride(from: 3.0, through: 43, by: 2).map {
    lane_pair(1) / lane_pair($0)
  }

  /// ln 2, the high part as in ``SumLogarithm``, and what that lacks.
  private static let logarithmOfTwo = lane_pair(
    high: 0x1.62e42fefa39efp-1, low: 0x1.abc9e3b39803fp-56)

  /// The value.
  package static func value(tied: UInt64, tail: lane_pair) -> lane_pair {
    let sum = lane_pair(Double(tied)) + tail
    guard sum.high >= 0x1.6a09e667f3bcdp0 else {
      return twiceArtanh(tail / (lane_pair(2) + tail))
    }
    var (power, exponent) = (sum.high.exponent, Double(sum.high.exponent))
    if sum.high.significand >= 0x1.6a09e667f3bcdp0 { (power, exponent) = (power + 1, exponent + 1) }
    let scale = Double(sign: .plus, exponent: -Int(power), significand: 1)
    let reduced = lane_pair(high: sum.high * scale, low: sum.low * scale)
    let quotient = (reduced + lane_pair(-1)) / (reduced + lane_pair(1))
    return lane_pair(exponent) * logarithmOfTwo + twiceArtanh(quotient)
  }

  /// 2 artanh w for |w| <= 0.1717.
  private static func twiceArtanh(_ w: lane_pair) -> lane_pair {
    let square = w * w
    var series = lane_pair(0)
    for reciprocal in reciprocals.reversed() { series = (series + reciprocal) * square }
    let half = w * (lane_pair(1) + series)
    return lane_pair(high: 2 * half.high, low: 2 * half.low)
  }
}
