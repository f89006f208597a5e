import AuditedOperations
import FloatFormats
import MultiPrecision

/// m + ln s, one value for the lane.
///
/// A lane without a logit above -inf has the value -inf, one with +inf and no NaN the value +inf.
///
/// **Termination.** With one finite logit the value is that logit. Else it is transcendental: were
/// L algebraic, then sum e^(x_j - L) = 1 would be a relation between exponentials of algebraic
/// numbers that Lindemann and Weierstrass exclude (k equal logits give x + ln k).
enum LogSumExpFunction: ExactFunction {
  static var operation: AuditedOperation { .logSumExp }

  static func special(_ lane: OperationLane) -> SpecialLane? {
    lane.logits.hasNaN ? .holdsNaN : nil
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    let logits = lane.logits
    if logits.infinityCount > 0 { return { _ in .positiveInfinity } }
    if logits.finiteCount == 0 { return { _ in .negativeInfinity } }
    return logits.finiteCount == 1 && logits.values[0] == 0 ? { _ in .balanced } : { _ in nil }
  }

  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    Evaluation(
      maximum: lane.logits.values[0], precision: precision,
      logSum: LogarithmOfSum(lane.logits, precision: precision, cache))
  }

  private struct Evaluation: ExactEvaluation {
    let maximum: Double
    let precision: Int
    let logSum: LogarithmOfSum

    func enclosure(of slot: Int) -> Enclosure {
      let maximum = BigFloat(maximum)
      var result = Enclosure(precision: precision)
      result.lower.setSum(logSum.enclosure.lower, maximum, .down)
      result.upper.setSum(logSum.enclosure.upper, maximum, .up)
      return result
    }

    /// max(1, |L|, ln s).
    func yardstick(of slot: Int) -> Enclosure {
      enclosure(of: slot).magnitude().maximum(Enclosure(1), precision: precision)
        .maximum(logSum.enclosure, precision: precision)
    }

    /// The distance |y - L|: ln s, however small that is, where y is the maximum.
    func distance(from y: Double, slot: Int) -> Enclosure {
      guard y == maximum else {
        return enclosure(of: slot).distance(from: BigFloat(y), precision: precision)
      }
      return logSum.enclosure.copy()
    }
  }
}
