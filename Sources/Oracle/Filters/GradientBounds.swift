/// The proven bounds on the errors of values that may cancel: of gradients, and of the sums of
/// label smoothing.
///
/// Notation as in ``FilterBounds``: u = 2^-53, m the maximum of the lane, d = x - m <= 0, n the
/// number of logits; first-order sums, with slack that exceeds the products of errors.
///
/// # Exponentials
///
/// d = d + d' by TwoSum, exactly, d >= -200; below, e^-200 is only an upper bound. k is the integer
/// nearest to fl(256 d / ln 2), |k| < 2^16.3, and ln 2 / 256 = P1 + P2 up to 2^-97, P1 of 34 bits.
/// d - k P1 is exact, as in double-double. r = fl(d - k P1 - k P2), |r| < 2^-9.5, and the rest of
/// that is exact where multiply-adds are fused, else off by u k P2 < 2^-80; d' is added to it. So r
/// + r' is off by 2^-80.
///
/// q = e^r - 1 = r + (r^2 p + r'), p = 1/2 + r/6 + ... + r^4/720; r^7/5040 < 2^-78 is left out. p
/// errs by 1.1 u, r^2 by u, and their product and its sum with r' by u, or 2 u unfused: 4.1 u
/// 0.501 r^2 < 2^-50.96 2^-20.05 = 2^-71.01. FastTwoSum adds r, and r r' is added to its error.
///
/// The exponential is T + T q, T = 2^(j/256) from a table of rounded pairs. fl(T + T q) has an
/// error that is exact (rest_of), to which T q', T' and T' q are added, all below 2.2 u: roundings
/// of a few u^2. So **an exponential is good to 2^-70.9**, its high part alone to 2.2 u.
///
/// # Sums
///
/// Terms t_j go to places, at most N = n/16 + 2 to each, with low parts below 4 u |t_j|. TwoSum
/// leaves at most u S, S the sum of the sizes at the place; it and the low part are added to those
/// before, at most (N + 4) u S together, with two roundings: N (N + 5) u^2 S + 8 u^2 S. Up to 32
/// places are put together by TwoSum, with two additions each of something below (N + 40) u times
/// the sum of all sizes: 64 (N + 40) u^2; the last normalization, where terms cancelled, errs by
/// (N + 40) u^2. In all **(N^2 + 70 N + 2700) u^2 of the sum of the sizes**. Products of a term and
/// a number are exact (TwoProd), or are of 24 bits each; the low part's with two roundings: 12 u^2.
///
/// # Values
///
/// Let k = 2^-68 + 2 (N^2 + 70 N + 2700) u^2: more than the errors of two exponentials, two sums
/// and ten operations in double-double together.
///
/// * **p (g - M)**, M = sum p_j g_j: M is good to k B, B = sum p_j |g_j|, and where logits lie more
///   than 200 below the maximum to n e^-200 max |g| more. g - M is formed with two roundings of
///   itself (where g and the high part of M are not within a factor of 2, it is of the size of
///   both). p is the high part of the exponential times fl(1/s): 2.2 u + 3 u. With the product that
///   is 9 u and what M is off. Left open is what has |g - M| < 2^48 times that: so values are good
///   to **9 u + 32 u**.
/// * **y (g - M)**, y stored: M is good to the error of a sum alone, and values to 3 u beside that;
///   left open is what has |g - M| < 2^52 times it: **3 u + 2 u**. In formats of 8 bits that is
///   less than the grid on which errors are added up, so that errors which are numbers of few bits,
///   as the products of stored numbers have them, are on the right side of every edge.
/// * **q - p C**, q a number or a product of two, C a sum: q = fl(g f) with its error, p C the high
///   parts' product with its error and the products of high and low parts. All but two roundings of
///   the value are below k Y, Y = |q| + p sum |C_j| the yardstick; what lies 200 below the maximum
///   is off by e^-200 C at most. Left open is what is below 2^48 times that: values are good to **2
///   u + 32 u**.
///
/// The last bit, which takes the sign, makes 2 u more, which ``FilteredOperationLane`` adds. A
/// value that is a product with an exponential below e^-199 is an upper bound only; where a sum
/// hides one it is below what is left open.
enum GradientBounds {
  /// The relative error of a value that is not left open.
  static let value = 0x1p-47
  /// The part of it that is not made of roundings of the value.
  static let part = 0x1p-48
  /// Both of values that are made of stored probabilities.
  static let (valueOfStored, partOfStored) = (0x1.8p-51, 0x1p-52)
  /// e^-199, below which an exponential is an upper bound only.
  static let vanishes = FilterBounds.singleVanishes

  /// The error of a sum as a part of the sum of the sizes of its terms.
  static func sum(count: Int) -> Double {
    let terms = Double(count) / 16 + 2
    return (terms * (terms + 70) + 2800) * 0x1p-106
  }

  /// The error of a value as a part of its yardstick, or of a mean as a part of that of sizes: k.
  static func terms(count: Int) -> Double { 0x1p-68 + 2 * sum(count: count) }
}
