import AuditedOperations
import FloatFormats
import Oracle
import RealModule

/// A lower bound of the default tolerance that needs no look at the lane.
///
/// The tolerance of every element of a lane is at least `(relative + slope * d) * p + absolute`, d
/// the distance of its logit from the largest. It tells at the price of a comparison which lanes
/// cannot hold the largest part of a bound.
package struct ToleranceFloor: Sendable {
  package var relative: Double
  package var slope: Double
  package var absolute: Double
  /// Added to `relative` for the part of the whole that probabilities other than the largest make
  /// up.
  var perRest: Double
  /// Added to `perRest` for each unit of the largest logit's magnitude, up to
  /// ``DefaultTolerance/largestFusedMaximum``.
  var perMaximum: Double

  /// The floor of the tolerances of one lane that is not special.
  func raised(for lane: FilteredLane) -> ToleranceFloor {
    raised(maximum: lane.maximum, rest: lane.massBelowMaximum)
  }

  /// The same, given the largest logit and what the probabilities of all lower ones add up to.
  func raised(maximum: Double, rest: Double) -> ToleranceFloor {
    let size = abs(maximum)
    let fused = size <= DefaultTolerance.largestFusedMaximum ? size * perMaximum : 0
    var raised = self
    raised.relative += (perRest + fused) * max(0, rest - 0x1p-30)
    return raised
  }
}

/// A lower bound of the default tolerance of log-softmax and logsumexp that needs no look at the
/// lane: `relative * |v| + slope * d + absolute` for an output whose exact value is v and whose
/// logit lies d below the largest.
package struct LogarithmFloor: Sendable {
  package var relative: Double
  package var slope: Double
  package var absolute: Double
}

extension DefaultTolerance {
  /// The floor of the tolerances of all lanes of a length; nil where some of them may have none.
  ///
  /// **Derivation.** The tolerance of logarithms is E + (u + v)(1 + u)(|v_i| + E) + eta, E the
  /// error of ln s and, of a log-probability, that of its argument besides, which is at least r d.
  /// The error of ln s is at least sigma, and sigma at least what it is for T = 1 and S = (n - 1)
  /// v, or u + (n - 1) 2^-24 for 16-bit formats, as in ``floor(ofLanesOfLength:)``.
  func logarithmFloor(ofLanesOfLength count: Int) -> LogarithmFloor? {
    guard let additions = leastAdditions(ofLanesOfLength: count) else { return nil }
    let u = output.computedUnitRoundoff
    let kappa = 2 * leastUlps * u
    let slope = leastSlope
    return LogarithmFloor(
      relative: (u + (output.isNarrow ? 0x1p-24 : u)) * (1 - 0x1p-40),
      slope: operation == .logSoftmax ? slope * (1 - 0x1p-40) : 0,
      absolute: (-Double.log(onePlus: -kappa) - Double.log(onePlus: -additions)) * (1 - 0x1p-40))
  }

  /// K: the accuracy of exponentials that the tolerance allows for, in ULP.
  private var leastUlps: Double { output.isNarrow ? 1 : 4 }

  /// r: the slope of the argument's error.
  private var leastSlope: Double {
    let u = output.computedUnitRoundoff
    return output.isNarrow ? u + 0x1p-23 : 3 * u
  }

  /// S of the derivation as far as every lane of a length has it; `nil` where some of them may have
  /// no bound.
  private func leastAdditions(ofLanesOfLength count: Int) -> Double? {
    let u = output.computedUnitRoundoff
    let isNarrow = output.isNarrow
    let terms = Double(count)
    let least = isNarrow ? u + (terms - 1) * 0x1p-24 : (terms - 1) * u
    let flushed = isNarrow ? FloatFormat.float32.leastNormal : output.leastNormal
    let loss = max(output.computedLeastSubnormal, underflow == .flush ? flushed : 0)
    guard count > 0, least + terms * leastUlps * loss <= 0.25 else { return nil }
    return least
  }

  /// The floor of the tolerances of all lanes of a length; nil where some of them may have none.
  ///
  /// **Derivation.** In B = e^(d_i r) T (1 + 2Ku) / (1 - 2Ku) (1 + u)^3 / (1 - S) - 1 no factor but
  /// the first is below what it is for T = 1 and S = (n - 1) u, or u + (n - 1) 2^-24 for 16-bit
  /// formats; a tolerance that covers further forms is larger. The slope is r, that of the
  /// argument's error: e^(a + b) - 1 >= a + (e^b - 1) where neither is negative.
  ///
  /// In T - 1 = sum p_j (e^(a_j + f_j + R_j L) - 1) every logit below the largest has R_j >= 1,
  /// and f_j >= 2 v |m| where |m| <= 64. With q the sum of their probabilities T - 1 is at least
  /// q (L + 2 v |m|), and B grows by that at least. L >= 9 v. 2^-30 of the whole covers what is
  /// below e^-750 of the largest, and the roundings of q. 2^-40 covers the roundings of
  /// both evaluations. S itself is at most this and n K times the largest loss of a term, since
  /// s >= 1; a quarter leaves it far from the half where there is no bound.
  func floor(ofLanesOfLength count: Int) -> ToleranceFloor? {
    let u = output.computedUnitRoundoff
    let isNarrow = output.isNarrow
    let ulps = leastUlps
    guard let least = leastAdditions(ofLanesOfLength: count) else { return nil }
    let logFactor =
      Double.log(onePlus: 2 * ulps * u) - Double.log(onePlus: -2 * ulps * u)
      + 3 * Double.log(onePlus: u) - Double.log(onePlus: -least)
    return ToleranceFloor(
      relative: Double.expMinusOne(logFactor) * (1 - 0x1p-40),
      slope: leastSlope * (1 - 0x1p-40),
      absolute: (ulps + 1) * output.computedLeastSubnormal * (1 - 0x1p-40),
      perRest: (isNarrow ? 9 * 0x1p-24 : 9 * u) * (1 - 0x1p-40),
      perMaximum: (isNarrow ? 0x1p-23 : 2 * u) * (1 - 0x1p-40))
  }
}
