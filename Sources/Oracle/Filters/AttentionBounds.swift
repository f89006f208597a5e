/// The proven bounds on the errors of the filter of attention.
///
/// Notation as in ``FilterBounds``: u = 2^-53, errors in u^2 = 2^-106; d the dimension, n the
/// number of keys, S_j = |c| sum |q_i k_ji|, Y = sum p_j |v_j|. Sums are of first order; the bounds
/// have slack of more than one part in a hundred, which exceeds the products of errors.
///
/// **Score.** Products are exact, or their error is (TwoProd). TwoSum is exact; what it leaves, and
/// the errors of products, are added on the side: at most 2 d numbers whose sum never exceeds (d +
/// 1) u sum |q k|, each addition with a rounding: (2 d^2 + 2 d). TwoSum makes a pair. The scale, a
/// pair good to 1, and the product with it: 10 of |z|, which is at most S. So (2 d^2 + 4 d + 20) S.
///
/// **Cap.** |tanh'| <= 1 passes that on. With a = -2 |z| / k, good to 11 |a|, E = e^a is off by 11
/// |a| e^a + (3.02 |a| + 10) e^a < 16, absolutely, below 1; 1 - E and 1 + E by 18, and their
/// quotient, at most 1 by at least 1, by 50; a below -800 is taken for it, and changes e^-800. So
/// 60 k with the last product.
///
/// **Mask.** TwoSum and one addition of low parts, below 3 u |z| each: 10 (|z| + |mask|). Together
/// the kernel's slack, (2 d^2 + 4 d + 150) S + 100 (|mask| + k), covers the score.
///
/// **Weight.** d = z - m by TwoSum, whose rest is below u (|z| + |m|), to which the low part of z
/// is added: 4 (|z| + |m|), the first covered by the slack. The exponential is good to 3.02 |d| +
/// 10, |d| <= 800: 2430. So a weight is good to slack + 2430 + 8 |m|, or lies below e^-800 with
/// what it is a bound of.
///
/// **Sum of weights.** Eight partial sums of N = n / 8 + 1 terms: what TwoSum leaves is below u
/// times the partial sum each time, and low parts below 2.1 u of the terms; with N additions that
/// is N (N + 3), and the last eight, 200.
///
/// **Weighted sum.** n terms one after the other, each with the error of its product and its low
/// part, below 4 u of it together: n additions on the side of numbers below (n + 4) u Y s: n^2 + 4
/// n, and 8 for those of the parts.
///
/// **Quotient.** One division with its exact residual, and one of that: 30 of |o| <= Y.
///
/// In all |o - computed| <= (2 (slack + 2430 + 8 |m|) + N^2 + 3 N + n^2 + 4 n + 300) Y, and 2 n
/// e^-800 max |v| for weights that are bounds only. Where products are so small that their errors
/// are subnormal, n 2^-1074 more: nothing that an output of a format below float64 shows, and what
/// is added all the same.
enum AttentionBounds {
  /// The relative error of a weight.
  static func weight(slack: Double, maximum: Double) -> Double {
    (slack + 2430 + 8 * abs(maximum)) * 1.02 * 0x1p-106
  }

  /// The relative error of the sum of weights.
  static func sum(weight: Double, count: Int) -> Double {
    let terms = Double(count) / 8 + 2
    return weight + (terms * (terms + 3) + 200) * 1.02 * 0x1p-106 + Double(count) * 0x1p-1074
  }

  /// The error of an output.
  ///
  /// - Parameters:
  ///   - size: Y.
  ///   - largestValue: max |v|.
  static func output(
    weight: Double, sum: Double, count: Int, size: Double, largestValue: Double
  ) -> Double {
    let terms = Double(count)
    let relative = weight + sum + (terms * terms + 4 * terms + 100) * 1.02 * 0x1p-106
    return (size * relative * 1.01 + terms * 0x1p-1074 * largestValue + terms * 0x1p-1074).nextUp
  }
}
