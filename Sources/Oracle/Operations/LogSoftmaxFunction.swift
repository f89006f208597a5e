import AuditedOperations
import FloatFormats
import MultiPrecision

/// (x_i - m) - ln s, a slot for each distinct logit.
///
/// **Termination.** A lane with one finite logit has the value 0, which algebra tells. Else e^l =
/// e^(x_i) / sum e^(x_j) is a quotient of sums of exponentials; were l algebraic, then sum e^(x_j +
/// l - x_i) = 1 would be a relation between exponentials of algebraic numbers, of which at least
/// two are different or none is 0 (k equal logits give -ln k), which Lindemann and Weierstrass
/// exclude. So l is no float nor midpoint, and doubling the precision ends.
enum LogSoftmaxFunction: ExactFunction {
  static var operation: AuditedOperation { .logSoftmax }

  static func special(_ lane: OperationLane) -> SpecialLane? { lackOfProbabilities(lane) }
  static func slots(of lane: OperationLane) -> [Int32] { lane.logits.slots }
  static func slotCount(of lane: OperationLane) -> Int { lane.logits.values.count }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    lane.logits.finiteCount == 1 ? { _ in .balanced } : { _ in nil }
  }

  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    Evaluation(
      logits: lane.logits, precision: precision,
      logSum: LogarithmOfSum(lane.logits, precision: precision, cache))
  }

  private struct Evaluation: ExactEvaluation {
    let logits: DistinctLogits
    let precision: Int
    let logSum: LogarithmOfSum

    func enclosure(of slot: Int) -> Enclosure {
      var result = shifted(slot)
      result.lower.formDifference(logSum.enclosure.upper, .down)
      result.upper.formDifference(logSum.enclosure.lower, .up)
      // A lane with one finite logit: ln 1, whose ends come out as -0 and +0.
      if result.lower.isZero { result.lower.assign(0, .toNearestOrEven) }
      if result.upper.isZero { result.upper.assign(0, .toNearestOrEven) }
      return result
    }

    /// max(1, |l|).
    func yardstick(of slot: Int) -> Enclosure {
      enclosure(of: slot).magnitude().maximum(Enclosure(1), precision: precision)
    }

    /// x_i - m.
    private func shifted(_ slot: Int) -> Enclosure {
      let maximum = BigFloat(logits.values[0])
      let logit = BigFloat(logits.values[slot])
      var difference = Enclosure(precision: precision)
      difference.lower.setDifference(logit, maximum, .down)
      difference.upper.setDifference(logit, maximum, .up)
      return difference
    }

    /// The distance |y - l|: ln s, however small that is, where y is x_i - m exactly.
    func distance(from y: Double, slot: Int) -> Enclosure {
      let shifted = shifted(slot)
      guard shifted.isExact, shifted.lower.compare(y) == 0 else {
        return enclosure(of: slot).distance(from: BigFloat(y), precision: precision)
      }
      return logSum.enclosure.copy()
    }
  }
}
