import AuditedOperations
import FloatFormats
import MultiPrecision

/// w_t (1 - e) (-l_t) + (e / n) sum w_c (-l_c), one value for the lane.
///
/// It is (sum N_c (m - x_c) + (sum N_c) ln s) / n, all terms at least 0: nothing cancels. It is
/// exactly 0 for the ignored target and where all weights that count are 0, and where the one
/// finite logit is all that counts; +inf where a class that counts has a logit of -inf.
///
/// **Termination.** With two or more finite logits ln s is transcendental (see
/// ``LogSumExpFunction``, with the lane shifted by m), and the value is a rational number more and
/// a rational factor other than 0 times that.
enum CrossEntropyFunction: KeptFunction {
  static var operation: AuditedOperation { .crossEntropy }

  static func special(_ lane: OperationLane) -> SpecialLane? {
    lane.isIgnored ? nil : lackOfProbabilities(lane)
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    { _ in
      if lane.isIgnored { return .zero }
      let classes = CrossEntropyTerms(lane).classes
      if classes.isEmpty { return .zero }
      if classes.contains(where: { lane.logits.slots[$0] == DistinctLogits.masked }) {
        return .positiveInfinity
      }
      return lane.logits.finiteCount == 1 ? .balanced : nil
    }
  }

  final class Evaluation: KeptEvaluation {
    let precision: Int
    private let terms: CrossEntropyTerms
    private let count: Int
    private let distances: SharedEnclosure
    private let logSum: LogarithmOfSum

    init(_ lane: OperationLane, precision: Int, _ cache: EvaluationCache) {
      self.precision = precision
      count = lane.length
      terms = CrossEntropyTerms(lane)
      distances = SharedEnclosure(terms.distances(precision: precision))
      logSum = LogarithmOfSum(lane.logits, precision: precision, cache)
    }

    private func mean(_ sum: borrowing Enclosure) -> Enclosure {
      sum.divided(
        by: Enclosure(exactly: BigFloat(integer: UInt64(count))), precision: precision)
    }

    /// (sum N_c) ln s.
    private func shift() -> Enclosure {
      logSum.enclosure.times(terms.coefficients.sum.enclosure.lower, precision: precision)
    }

    func enclosure(of slot: Int) -> Enclosure {
      mean(shift().plus(distances.enclosure, precision: precision))
    }

    /// max(W, loss), W the sum of the coefficients: all terms are positive.
    func yardstick(of slot: Int) -> Enclosure {
      mean(terms.coefficients.sum.enclosure).maximum(enclosure(of: slot), precision: precision)
    }

    /// The distance; where y is the loss without its logarithm, that logarithm, however small.
    func distance(from y: Double, slot: Int) -> Enclosure {
      let plain = enclosure(of: slot).distance(from: BigFloat(y), precision: precision)
      guard plain.lower.isZero, !plain.isExact else { return plain }
      // A product of three binary64 numbers and two integers, and sums of such.
      let exact = 8192
      let scaled = Enclosure(y).times(BigFloat(integer: UInt64(count)), precision: exact)
      let rational = terms.distances(precision: exact)
      guard rational.isExact, rational.lower.compare(scaled.lower) == 0 else { return plain }
      return mean(shift())
    }
  }
}
