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
///   least subnormal. The 8-bit formats call the float64 function, which is closer still.
public struct ElementaryAccuracy: Sendable, Hashable {
  /// The largest error in units in the last place.
  public let ulps: Double
  /// The largest relative error where the result is normal.
  public let relative: Double
  /// Whether the result is the rounding of a far more accurate one, so that tiny results vanish
  /// exactly.
  public let roundsFromWider: Bool

  /// The accuracy of exp, exp2 and log in a format.
  public init(of format: FloatFormat) { self.init(of: format, libraryUlps: 1) }

  /// The accuracy of log(1 + x) for x >= 0 in a format.
  ///
  /// V. Innocente and P. Zimmermann, "Accuracy of Mathematical Functions in Single, Double, Double
  /// Extended, and Quadruple Precision", 2024, find 1.3 ulp at most in float32, of all numbers, and
  /// know of no more in float64, for the GNU C Library. The bound takes 2.
  public static func ofLogarithmOnePlus(_ format: FloatFormat) -> ElementaryAccuracy {
    ElementaryAccuracy(of: format, libraryUlps: 2)
  }

  /// - Parameter libraryUlps: The largest error of the C library's function in float32 and float64.
  private init(of format: FloatFormat, libraryUlps: Double) {
    switch format {
    case .float32, .float64:
      ulps = libraryUlps
      roundsFromWider = false
    default:
      let excess = Double(sign: .plus, exponent: format.precision - 24, significand: libraryUlps)
      ulps = 0.5 + excess
      roundsFromWider = true
    }
    relative = 2 * ulps * format.unitRoundoff
  }
}
