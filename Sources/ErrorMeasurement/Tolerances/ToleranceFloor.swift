import AuditedOperations
import FloatFormats
import RealModule

/// A lower bound of the default tolerance that needs no look at the lane.
///
/// The tolerance of every element of a lane is at least `(relative + slope * d) * p + absolute`, d
/// the distance of its logit from the largest. It tells at the price of a comparison which lanes
/// cannot hold the largest part of a bound.
struct ToleranceFloor: Sendable {
  var relative: Double
  var slope: Double
  var absolute: Double
}

extension DefaultTolerance {
  /// The floor of the tolerances of all lanes of a length; nil where some of them may have none.
  ///
  /// **Derivation.** In B = e^(d_i r) T (1 + 2Ku) / (1 - 2Ku) (1 + u)^3 / (1 - S) - 1 no factor but
  /// the first is below what it is for T = 1 and S = (n - 1) u, or u + (n - 1) 2^-24 for 16-bit
  /// formats; a tolerance that covers further forms is larger. The slope is r, that of the argument's
  /// error: e^(a + b) - 1 >= a + (e^b - 1) where neither is negative. 2^-40 covers the roundings of
  /// both evaluations. S itself is at most this and n K times the largest loss of a term, since
  /// s >= 1; a quarter leaves it far from the half where there is no bound.
  func floor(ofLanesOfLength count: Int) -> ToleranceFloor? {
    let u = output.unitRoundoff
    let isNarrow = output.isNarrow
    let ulps = isNarrow ? 1.0 : 4.0
    let terms = Double(count)
    let least = isNarrow ? u + (terms - 1) * 0x1p-24 : (terms - 1) * u
    let flushed = isNarrow ? FloatFormat.float32.leastNormal : output.leastNormal
    let loss = max(output.leastSubnormal, underflow == .flush ? flushed : 0)
    guard count > 0, least + terms * ulps * loss <= 0.25 else { return nil }
    let logFactor =
      Double.log(onePlus: 2 * ulps * u) - Double.log(onePlus: -2 * ulps * u)
      + 3 * Double.log(onePlus: u) - Double.log(onePlus: -least)
    return ToleranceFloor(
      relative: Double.expMinusOne(logFactor) * (1 - 0x1p-40),
      slope: (isNarrow ? u + 0x1p-23 : 3 * u) * (1 - 0x1p-40),
      absolute: (ulps + 1) * output.leastSubnormal * (1 - 0x1p-40))
  }
}
