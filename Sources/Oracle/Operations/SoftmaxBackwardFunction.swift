import AuditedOperations
import FloatFormats
import MultiPrecision

/// y_i (g_i - sum y_j g_j), y as given: a dyadic rational, a slot for each element.
///
/// The arithmetic is exact: the sum has less than ``ExactSums/productPrecision`` bits, and so have
/// the differences. Ties and zeros are decided by the number itself, at the first precision.
enum SoftmaxBackwardFunction: ExactFunction {
  static var operation: AuditedOperation { .softmaxBackward }

  static func special(_ lane: OperationLane) -> SpecialLane? {
    lackOfNumbers(lane.probabilities) ?? lackOfNumbers(lane.upstream)
  }

  static func slots(of lane: OperationLane) -> [Int32] {
    firstEqualElements(of: lane) {
      (lane.probabilities[$0].bitPattern, lane.upstream[$0].bitPattern)
    }
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    let (probabilities, upstream) = (lane.probabilities, lane.upstream)
    let dot = Dot(lane).signed
    let hasNoTerm = zip(probabilities, upstream).allSatisfy { $0 == 0 || $1 == 0 }
    return { index in
      if probabilities[index] == 0 { return .zero }
      guard dot.enclosure.lower.compare(upstream[index]) == 0 else { return nil }
      return hasNoTerm ? .zero : .balanced
    }
  }

  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    cache.evaluation(of: lane, precision: precision) {
      Evaluation(precision: precision, lane: lane, dot: Dot(lane))
    }
  }

  /// sum y_j g_j, and sum |y_j g_j|, exactly.
  private struct Dot {
    let signed, absolute: SharedEnclosure

    init(_ lane: OperationLane) {
      var signed = BigFloat(precision: ExactSums.productPrecision)
      var absolute = BigFloat(precision: ExactSums.productPrecision)
      signed.assign(0, .toNearestOrEven)
      absolute.assign(0, .toNearestOrEven)
      var product = BigFloat(precision: 106)
      for (y, g) in zip(lane.probabilities, lane.upstream) where y != 0 && g != 0 {
        product.setProduct(BigFloat(y), BigFloat(g), .toNearestOrEven)
        signed.formSum(product, .toNearestOrEven)
        product.formAbsoluteValue()
        absolute.formSum(product, .toNearestOrEven)
      }
      self.signed = SharedEnclosure(Enclosure(exactly: signed))
      self.absolute = SharedEnclosure(Enclosure(exactly: absolute))
    }
  }

  private struct Evaluation: ExactEvaluation {
    let precision: Int
    let lane: OperationLane
    let dot: Dot

    private static let exact = ExactSums.productPrecision

    func enclosure(of index: Int) -> Enclosure {
      Enclosure(lane.upstream[index]).minus(dot.signed.enclosure, precision: Self.exact)
        .times(BigFloat(lane.probabilities[index]), precision: Self.exact)
    }

    /// |y_i| (|g_i| + sum |y_j g_j|).
    func yardstick(of index: Int) -> Enclosure {
      Enclosure(abs(lane.upstream[index])).plus(dot.absolute.enclosure, precision: Self.exact)
        .times(BigFloat(abs(lane.probabilities[index])), precision: Self.exact)
    }
  }
}
