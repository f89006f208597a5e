import AuditedOperations
import FloatFormats
import MultiPrecision

/// g_i - p_i sum g_j, a slot for each element; g_i for a masked logit.
///
/// **Zeros.** Where sum g_j = 0 the value is g_i. Else it is 0 where p_i = g_i / sum g_j, a
/// rational number, which needs that all k finite logits are equal: k g_i = sum g_j, decided with
/// integers. ``CoefficientsLessShare`` says why the rest is decided.
enum LogSoftmaxVJPFunction: VectorJacobianFunction {
  static var operation: AuditedOperation { .logSoftmaxVJP }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    let (slots, upstream) = (lane.logits.slots, lane.upstream)
    let coefficients = ExactCoefficients(upstream)
    return coefficients.zeros(of: lane.logits) { index in
      slots[index] == DistinctLogits.masked || coefficients.absoluteSum.enclosure.lower.isZero
        ? upstream[index] == 0 : false
    }
  }

  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    cache.evaluation(of: lane, precision: precision) {
      CoefficientsLessShare(
        lane.logits, ExactCoefficients(lane.upstream), dividedBy: 1, isNegated: false,
        precision: precision, cache)
    }
  }
}
