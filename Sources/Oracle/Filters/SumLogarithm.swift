/// ln (k + t) in binary64, k an integer below 2^32 and t a number of binary64, neither negative and
/// not both 0.
///
/// What is lost in k + t where t is small is kept: for k = 1 the logarithm is that of 1 + t.
///
/// **Derivation**, with u = 2^-53. Let k + t = 2^e z with z in [sqrt 1/2, sqrt 2), and w = (z - 1)
/// / (z + 1), |w| <= 0.1716; then ln z = 2 w (1 + w^2/3 + w^4/5 + ...). Cut after w^20 / 21 the
/// series is off by less than 2^-60. Its value is at most 1.0101; Horner's last step errs by u, the
/// others together by less than 0.05 u, and so does w^2.
///
/// * k + t = 1 + t < sqrt 2: z - 1 = t without a rounding, z + 1 = 2 + t with one. The quotient
///   makes 2 u, the series and the product 2.1 u more: ln (1 + t) is good to **5 u**.
/// * Else: the sum k + t errs by u, absolutely in its logarithm. z - 1 is exact (Sterbenz), so that
///   ln z errs by 4.1 u of itself, at most 1.5 u absolutely, |ln z| being at most 0.3466. e fl(ln
///   2) errs by 1.3 u e ln 2 <= 1.3 u (ln (k + t) + 0.3466), and the last sum by u. So ln (k + t)
///   is off by u (1 + 1.5 + 0.5 + 2.3 ln (k + t)) at most; it is at least 0.3465, so this is less
///   than **11 u** of it.
///
/// A relative error of t is one of at most t / (k + t) / ln (k + t) <= 1 times itself in the
/// result.
package enum SumLogarithm {
  /// The bound on the relative error, in units of 2^-53.
  package static let error = 11.0

  /// The value.
  package static func value(tied: UInt64, tail: Double) -> Double {
    let sum = Double(tied) + tail
    guard sum >= 0x1.6a09e667f3bcdp0 else { return twiceArtanh(tail / (2 + tail)) }
    var (significand, exponent) = (sum.significand, Double(sum.exponent))
    if significand >= 0x1.6a09e667f3bcdp0 {
      (significand, exponent) = (significand / 2, exponent + 1)
    }
    return exponent * 0x1.62e42fefa39efp-1
      + twiceArtanh((significand - 1) / (significand + 1))
  }

  /// 2 artanh w for |w| <= 0.1716.
  private static func twiceArtanh(_ w: Double) -> Double {
    let square = w * w
    var series = 0.0
    for divisor in stride(from: 21.0, to: 1, by: -2) { series = (series + 1 / divisor) * square }
    return 2 * (w * (1 + series))
  }
}
