import AuditedOperations
import FloatFormats
import MultiPrecision

/// p_i W - q_i, q_i the coefficient of the class in the loss and W their sum; a slot for each
/// element.
///
/// It is -(N_i - p_i sum N_c) / n, see ``CrossEntropyTerms`` and ``CoefficientsLessShare``.
///
/// **Zeros.** All are exactly 0 for the ignored target and where all weights that count are 0. Else
/// an output is 0 where its logit is -inf and q_i = 0, and where the k finite logits are equal and
/// k q_i = W.
enum CrossEntropyVJPFunction: ExactFunction {
  static var operation: AuditedOperation { .crossEntropyVJP }

  static func special(_ lane: OperationLane) -> SpecialLane? {
    lane.isIgnored ? nil : lackOfProbabilities(lane)
  }

  static func slots(of lane: OperationLane) -> [Int32] {
    firstEqualElements(of: lane) { index in
      let isTarget: UInt64 = lane.target == Int64(index) ? 1 : 0
      return (
        UInt64(bitPattern: Int64(lane.logits.slots[index])) << 1 | isTarget,
        lane.parameters.weight(index).bitPattern
      )
    }
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    if lane.isIgnored { return { _ in .zero } }
    let terms = CrossEntropyTerms(lane)
    if terms.areNone { return { _ in .zero } }
    let (slots, coefficients) = (lane.logits.slots, terms.coefficients)
    return coefficients.zeros(of: lane.logits) { index in
      slots[index] == DistinctLogits.masked && coefficients[index].isZero
    }
  }

  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    cache.evaluation(of: lane, precision: precision) {
      CoefficientsLessShare(
        lane.logits, CrossEntropyTerms(lane).coefficients, dividedBy: lane.length, isNegated: true,
        precision: precision, cache)
    }
  }
}
