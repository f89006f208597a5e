/// The accuracy of the elementary functions of a format: an input of every a-priori bound.
///
/// A function is within `ulps` units in the last place of the exact value, so its relative error is
/// at most `relative` = 2 ulps u in the normal range (u |y| < ulp(y) <= 2 u |y|) and its absolute
/// error at most `ulps` eta below it.
///
/// * float32 and float64 call the C library. The GNU C Library Reference Manual, section "Known
///   Maximum Errors in Math Functions", lists 1 ulp for exp, exp2 and log in both formats on every
///   processor; the sources of its present routines (Arm optimized routines) state 0.502 and 0.511
///   for exp, 0.502 and 0.507 for exp2, 0.818 and 0.519 for log. The bound takes the manual's
///   figure.
/// * float16 and bfloat16 call the float32 function and round its result to P bits: within half an
///   ulp of that, so within 1/2 + 2^(P-24) ulp of the exact value, and exactly 0 below half the
///   least subnormal.
public struct ElementaryAccuracy: Sendable, Hashable {
  /// The largest error in units in the last place.
  public let ulps: Double
  /// The largest relative error where the result is normal.
  public let relative: Double
  /// Whether the result is the rounding of a far more accurate one, so that tiny results vanish
  /// exactly.
  public let roundsFromWider: Bool

  /// The accuracy of exp, exp2 and log in a format.
  public init(of format: FloatFormat) {
    switch format {
    case .float32, .float64:
      ulps = 1
      roundsFromWider = false
    case .float16, .bfloat16:
      ulps = 0.5 + Double(sign: .plus, exponent: format.precision - 24, significand: 1)
      roundsFromWider = true
    }
    relative = 2 * ulps * format.unitRoundoff
  }
}
