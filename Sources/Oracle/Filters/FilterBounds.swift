/// The proven bounds on the relative errors of the filters' probabilities.
///
/// Notation: u = 2^-53, m the maximum of the lane, d = x - m <= 0, h = ln 2 / 2, n the number of
/// logits; fl() one rounding to nearest. The kernels (Sources/CLaneKernels) fuse nothing but what
/// is written as a multiply-add; a multiply-add is one rounding at levels that have it, and two at
/// the others, a product and a sum. Two are assumed below: the one is of the same sum, without the
/// error of the product. First-order sums of relative errors are taken; every bound below has slack
/// of more than 1 u (or 1 u^2), which exceeds the products of errors by a factor of 2^30 and more.
///
/// # Binary64: formats up to float32
///
/// The bounds of exponentials, sums and probabilities are checked by machine, products of errors
/// included, for the kernel as it stands in the sources: `scripts/prove`.
///
/// **Difference.** The logits are floats of at most 24 bits. With g the least magnitude of a
/// nonzero logit, all logits and m are multiples of ulp32(g) > 2^-24 g. So x - m is exact as soon
/// as |x - m| <= 2^53 2^-24 g = 2^29 g. Otherwise it errs by at most |d| u, and d >= -200 matters:
/// 200 u. Below -200 the kernel gives e^-200: an upper bound only, which the measurement treats as
/// such (`vanishing`), and an error of less than n e^-200 < 2^-250 in the sum, which is at least 1.
///
/// **Exponential.** k = the integer nearest to fl(d log2 e), |k| <= 289. ln 2 = L1 + L2 + 2^-98 t,
/// |t| <= 1, with L1 a multiple of 2^-43 below 1. k L1 has at most 9 + 43 bits: exact. d - k L1 is
/// exact: for k = 0 trivially, and for k != 0 |d| > 0.34, so d is a multiple of 2^-54 as L1 is, and
/// the difference is below 1/2. k L2 and the constant err by 2^-88 together, and the final
/// subtraction by 2^-55, |r| being below 1/2. So r is off by at most 2^-55 + 2^-88 in absolute
/// terms, e^r by 0.26 u in relative ones; |r| <= h + 2^-40.
///
/// **Polynomial.** The coefficients are those of the Chebyshev expansion of e^r on [-h, h] cut
/// after degree 10, rounded to binary64. The expansion is I_0(h) + 2 sum I_k(h) T_k(r/h); |T_k| <=
/// 1 (1 + 2^-30 at the very ends), so what is cut off is at most 2 (I_11(h) + I_12(h) + ...) <
/// 2^-52.0, and relative to e^r >= e^-h below 2.75 u. Rounding the coefficients changes the value
/// by at most 2^-54.0, 0.50 u, relative (the sum of the very errors, times h^k and e^h). Together
/// below 3.25 u. A test computes the constants and both sums again. (One degree more would leave
/// 0.2 u, and cost as much time as all that 3 u cost later.)
///
/// **Evaluation.** p = (a + r^2 b) + r^4 q + r^8 q' with a = c0 + c1 r and b = c2 + c3 r. Four sums
/// have a result near e^r: a, a + r^2 b, and those two that add r^4 q and r^8 q'; |a| <= e^r (1 +
/// 2^-50), the others differ from e^r by less than 2^-10 e^r: 4.01 u. The product c1 r errs by u
/// |r|: at most 0.347 / 0.707 = 0.50 u of e^r. r^2 b: the square errs by u, the product by u, b by
/// less than 1.2 u: 3.2 u |r^2 b|, and |r^2 b| <= 0.1202 0.558, or 0.1202 0.443 where r < 0, so
/// 0.15 u and 0.25 u of e^r. r^4 q: three powers, one product, q good to 3 u: 7 u |r^4 q| < 7 u
/// 2^-10; r^8 q' is below 2^-26. In all 4.01 + 0.50 + 0.25 + 0.01 < 4.8 u. The scaling by 2^k is
/// exact (2^-289 and up). So the exponential is good to 4.8 + 0.26 + 3.25 < **8.4 u**.
///
/// **Sum.** All terms are nonnegative, so relative errors of partial sums never grow. In a block
/// of 256, each of the 32 partial sums has at most 8 terms: 7 u. Two more additions put four of
/// them together: 2 u. Blocks are added by TwoSum with the errors collected on the side; N blocks
/// leave N^2 u^2, below 2^-4 u while N <= 2^24. Eight elements are added in three steps, both
/// parts alike, and the two results once: 4.1 u with that. Together 13.1 u, and the exponentials'
/// 8.4 u and the differences' errors on top: sum p_j |d_j| u <= ln n u, because sum p_j |d_j| + ln
/// s is the entropy of p, at most ln n, and s >= 1. The sum is good to 21.5 u, or (21.5 + ln n) u.
///
/// **Quotient.** One rounding for 1/s and one for the product. In all 8.4 + 21.5 + 2 < 32 u with
/// exact differences, and with inexact ones 32 + 200 + ln n <= 255 u.
///
/// # Double-double: everything
///
/// Pairs stand for their sum; errors are relative, in u^2 = 2^-106.
///
/// **Difference.** x - m = d + d' by TwoSum: exact, unless it overflows or d <= -800, where the
/// kernel takes d = -800: an upper bound only, as above; in the sum e^-800 < 2^-1154.
///
/// **Reduction.** k = the integer nearest to fl(256 d / ln 2), |k| < 2^18.2. ln 2 / 256 = P1 + P2 +
/// P3, P1 and P2 of 34 bits, so that k P1 and k P2 are exact; P3 is off by 2^-130, k P3 by 2^-111.8
/// and its rounding by 2^-111. d - k P1 is exact: for k != 0 |d| > 2^-9.6, so d is a multiple of
/// 2^-62, P1 one of 2^-42, and the difference is below 2^-9. TwoSum subtracts k P2 without error
/// and leaves r and a rest below 2^-62. To this d' is added, |d'| <= u |d|, and k P3 < 2^-58 taken
/// off: each with a rounding of u^2 |d|, in the main. FastTwoSum normalizes; where r is not 0 and
/// smaller than the rest that is added it errs by as much again. So r + r' errs by less than **3.02
/// |d|** + 0.1 absolutely; |r| < 2^-9.5.
///
/// **Series.** e^r to degree 9: the remainder r^10 / 10! is below 2^-95 2^-21.7 = 2^-116.7,
/// nothing. t, the terms from r^5 on divided by it, is good to 2^-51; r t to 2^-50.5, and it is
/// 2^-11.8 of 1/24 at most, so v4 = 1/24 + r t is good to 2^-62 relative, with the second part of
/// 1/24 and the exact error of the addition (FastTwoSum: 1/24 is larger). Its part of e^r is r^4/24
/// < 2^-42.6: 2^-104.6, that is 2.7.
///
/// Each step c + r v that follows gives h = fl(c + r v), whose rest c + r v - h is below u h and is
/// computed as r v + (c - h), c - h being exact: with one rounding where multiply-adds are fused,
/// and with two where the error of the product comes from Dekker's splitting (exact; fl(r v) + (c -
/// h) is exact too, as in FastTwoSum). To it come r v' and r' v, below 2^-9.4 3 u h, with a
/// rounding each of something below 1.1 u h; the neglected r' v' is below 2^-106 of the product. So
/// a step adds at most (1 + 1.1 + 1.1) u^2, and less than 1 u^2 for the roundings of products where
/// they are not fused: 5 u^2. That of v3 = 1/6 + r v4, with one rounding more for the second part
/// of 1/6, counts times r^3 < 2^-28.5, that of v2 = 1/2 + r v3 times r^2 < 2^-19: nothing; that of
/// v1 = 1 + r v2 times r < 2^-9.5: 0.01. s = r v1 has low parts, below 4 u s, added with four
/// roundings: 16 u^2 times s: 0.03. The exponential is T + T s, T = 2^(j/256) from a table of
/// rounded pairs, itself good to 0.5; such a step with the second part of T added costs 1 + 1.1 +
/// 1.1 + 2.1 u^2 and less than 1 u^2. In all 3.02 |d| + 0.1 + 2.7 + 0.04 + 0.5 + 6.3 < **3.02 |d| +
/// 10**. The low part is not normalized: it is below 2.1 u of the value.
///
/// Without fused multiply-add TwoProd is Dekker's, exact as well: no operand exceeds 2^520, and
/// where r is so small that partial products underflow (|r| < 2^-960), what is lost is below
/// 2^-1070 absolutely, of a sum of 1.
///
/// **Sum.** The high parts of a block go through TwoSum into 4 x 8 partial sums of at most 8 terms;
/// the errors (each at most u of the partial sum S) and low parts (2.1 u e each) are added in
/// binary64. Their sum stays below 10.2 u S, and its up to 15 roundings cost at most 15 * 10.2 u^2
/// = 153. The four are put together by three TwoSums, the low parts and errors by additions of
/// something below 10.2, 11.2, 11.2 and 12.2 u of the block's sum: 45 u^2 of it, and of the sum of
/// all blocks. FastTwoSum normalizes. A block is added to the lane's pair by TwoSum, which leaves
/// an error of at most u s; this is added to the block's low part, below u of it, and to that of
/// the lane, below u s, and FastTwoSum normalizes: roundings of u^2 s and 2 u^2 s, and twice u^2 of
/// the block's sum. So N blocks cost 3 N + 45 + 2. The last eight additions cost at most 8 * 16 =
/// 128. Of the exponentials' errors the sum takes over 10, and 3.02 ln n < 70 for the differences,
/// as above. It is good to **408 + 3 N**, N = ceil(n / 256).
///
/// **Quotient.** 1/s by one Newton step with the exact residual 1 - s r0: below 8. The product:
/// TwoProd, two additions of low parts below 4.2 u together, with up to four roundings, the
/// neglected product of low parts: below 15, and FastTwoSum makes a pair of it. With D = min(max
/// |d|, 800) p is good to **10 + 3.02 D + 408 + 3 N + 8 + 15 = 441 + 3.02 D + 3 N**: 2^-96.7 for n
/// = 1000 and D = 60, 2^-93.7 for n = 131 072 and D = 800. In ulp of float64 that is better than
/// the 2^-40 that an ``ExactValue`` promises.
///
/// # The sum of all exponentials below the largest
///
/// t = sum e^(x_j - m) over all logits below the maximum is added up in the same way as the sum of
/// all, in binary64 to 13.1 u beside the errors of its terms, 8.4 u and those of the differences.
/// These are no longer weighed against a term of 1: up to 200 u. So t is good to 21.5 u where
/// differences are exact, and to 221.5 u where not, or in double-double to what a probability is.
/// What the kernel has for a logit below its floor is too large by e^-200 at most, and by e^-800:
/// less than 2^-60 of t as long as t is 2^-190 in the one case, and 2^-900 in the other.
///
/// **Logarithm.** ln (k + t) has no larger relative error for that of t, and 11 u more, see
/// ``SumLogarithm``: 32.5 u, or 232.5 u. A log-probability (x - m) - ln (k + t) is a sum of two
/// numbers of one sign, the first good to u, and is rounded once; a loss is rounded twice. All are
/// good to **35 u**, or 235 u.
///
/// **Gradient of a loss.** s = k + t is good to 22.5 u, or 222.5 u; w p to 8.4 + 22.5 + 2 < 33 u,
/// or to 255 u. What is left of 1 for other classes is t / (1 + t), which errs by no more than t
/// does and 3 u, or (s - e_t) / s with e_t <= s / 2, which errs by (8.4 + 22.5) p_t / (1 - p_t) u
/// and 3 u: all are good to **34 u**, or 260 u.
package enum FilterBounds {
  /// The relative error of a probability in binary64.
  ///
  /// - Parameters:
  ///   - hasExactDifferences: Whether no difference of a logit and the maximum was rounded.
  package static func single(hasExactDifferences: Bool) -> Double {
    (hasExactDifferences ? 34 : 258) * 0x1p-53
  }

  /// The relative error of a probability in double-double.
  ///
  /// - Parameters:
  ///   - spread: How far the least logit lies below the largest.
  package static func pair(count: Int, spread: Double) -> Double {
    (450 + 3.1 * min(spread, 800) + Double(4 * ((count + 255) / 256))) * 0x1p-106
  }

  /// The relative error in binary64 of the logarithm of a sum of exponentials, of log-probabilities
  /// and of losses.
  ///
  /// - Parameter hasExactDifferences: As above.
  package static func logarithm(hasExactDifferences: Bool) -> Double {
    (hasExactDifferences ? 37 : 237) * 0x1p-53
  }

  /// Below this the sum of all exponentials below the largest, in binary64, is an upper bound only.
  package static let tailVanishes = 0x1p-190

  /// Below this a probability in binary64 is an upper bound only: e^-199.
  package static let singleVanishes = 0x1p-287

  /// Below this one in double-double is, times 2^512 as it is kept: e^-799 2^512.
  package static let pairVanishes = 0x1p-640
}
