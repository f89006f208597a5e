import AuditedOperations
import FloatFormats
import MultiPrecision

/// e^(x_i - m) / s, a slot for each distinct logit.
enum SoftmaxFunction: ExactFunction {
  static var operation: AuditedOperation { .softmax }

  static func special(_ lane: OperationLane) -> SpecialLane? { lackOfProbabilities(lane) }
  static func slots(of lane: OperationLane) -> [Int32] { lane.logits.slots }
  static func slotCount(of lane: OperationLane) -> Int { lane.logits.values.count }

  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    Evaluation(
      logits: lane.logits, precision: precision,
      tail: cache.tails.tail(of: lane.logits, precision: precision))
  }

  private struct Evaluation: ExactEvaluation {
    let logits: DistinctLogits
    let precision: Int
    let tail: SharedEnclosure

    func enclosure(of slot: Int) -> Enclosure {
      let tied = BigFloat(integer: logits.multiplicities[0])
      var total = Enclosure(precision: precision)
      total.lower.setSum(tied, tail.enclosure.lower, .down)
      total.upper.setSum(tied, tail.enclosure.upper, .up)
      let term = ExponentialSums.exponential(
        ofMinusDistance: slot, of: logits, precision: precision)
      var result = Enclosure(precision: precision)
      result.lower.setQuotient(term.lower, total.upper, .down)
      result.upper.setQuotient(term.upper, total.lower, .up)
      return result
    }

    /// p itself.
    func yardstick(of slot: Int) -> Enclosure { enclosure(of: slot) }

    /// The distance from a probability; the one case in which precision cannot help has a form of
    /// its own.
    ///
    /// It is y = 1/k exactly, with k tied maxima and lower logits so far below that p = 1/(k +
    /// tail) agrees with 1/k to any number of bits. Then |y - p| = tail / (k (k + tail)), which has
    /// no cancellation.
    func distance(from y: Double, slot: Int) -> Enclosure {
      let tied = logits.multiplicities[0]
      guard slot == 0, tied.nonzeroBitCount == 1, y == 1 / Double(tied), logits.values.count > 1
      else { return enclosure(of: slot).distance(from: BigFloat(y), precision: precision) }
      return shortfall()
    }

    /// tail / (k (k + tail)) = 1/k - p for the k tied maxima.
    private func shortfall() -> Enclosure {
      let tied = BigFloat(integer: logits.multiplicities[0])
      var denominator = BigFloat(precision: precision)
      denominator.setSum(tied, tail.enclosure.upper, .up)
      denominator.formProduct(tied, .up)
      var larger = BigFloat(precision: precision)
      larger.setSum(tied, tail.enclosure.lower, .down)
      larger.formProduct(tied, .down)
      var result = Enclosure(precision: precision)
      result.lower.setQuotient(tail.enclosure.lower, denominator, .down)
      result.upper.setQuotient(tail.enclosure.upper, larger, .up)
      return result
    }
  }
}
