import AuditedOperations
import FloatFormats
import MultiPrecision

/// p_i ([i = j] - p_j), output i n + j; a slot for each pair of distinct logits, and one for each
/// on the diagonal.
///
/// Beside the diagonal it is -e^(-d_i - d_j) / s^2, on it e^(-d_i) (s - e^(-d_i)) / s^2; for a
/// maximum s - 1 = (k - 1) + tail. A logit of -inf makes its row and its column 0.
///
/// **Termination.** The diagonal of the one finite logit is 0, by algebra. Where all finite logits
/// are equal values are rational. Else, were a value v algebraic, v (sum e^(x_j))^2 would be a sum
/// of exponentials in which e^(2 max) or e^(2 min) is missing, for no logit is both: Lindemann and
/// Weierstrass exclude that while v is not 0, and it is not.
enum SoftmaxJacobianFunction: ExactFunction {
  static var operation: AuditedOperation { .softmaxJacobian }

  static func special(_ lane: OperationLane) -> SpecialLane? { lackOfProbabilities(lane) }

  static func slots(of lane: OperationLane) -> [Int32] {
    let (slots, distinct) = (lane.logits.slots, Int32(lane.logits.values.count))
    var result: [Int32] = []
    result.reserveCapacity(slots.count * slots.count)
    for (i, row) in slots.enumerated() {
      for (j, column) in slots.enumerated() {
        guard row >= 0, column >= 0 else {
          result.append(DistinctLogits.masked)
          continue
        }
        result.append(i == j ? distinct * distinct + row : row * distinct + column)
      }
    }
    return result
  }

  static func slotCount(of lane: OperationLane) -> Int {
    let distinct = lane.logits.values.count
    return distinct * distinct + distinct
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    lane.logits.finiteCount == 1 ? { _ in .balanced } : { _ in nil }
  }

  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    cache.evaluation(of: lane, precision: precision) {
      Evaluation(lane.logits, precision: precision, cache)
    }
  }

  private final class Evaluation: ExactEvaluation {
    let precision: Int
    private let exponentials: LaneExponentials
    private let distinct: Int
    private let squaredSum: SharedEnclosure

    init(_ logits: DistinctLogits, precision: Int, _ cache: EvaluationCache) {
      self.precision = precision
      distinct = logits.values.count
      exponentials = LaneExponentials(logits, precision: precision, cache)
      let total = exponentials.total()
      squaredSum = SharedEnclosure(total.times(nonnegative: total, precision: precision))
    }

    /// The distinct logits of a slot; one on the diagonal.
    private func pair(_ slot: Int) -> (row: Int, column: Int?) {
      slot < distinct * distinct
        ? (slot / distinct, slot % distinct) : (slot - distinct * distinct, nil)
    }

    private var tied: UInt64 { exponentials.tiedCount }

    /// s - e^(-d).
    private func others(than slot: Int) -> Enclosure {
      guard slot == 0 else {
        return exponentials.total()
          .minus(exponentials.term(slot).enclosure, precision: precision)
      }
      return Enclosure(exactly: BigFloat(integer: tied - 1))
        .plus(exponentials.tail(), precision: precision)
    }

    func enclosure(of slot: Int) -> Enclosure {
      let (row, column) = pair(slot)
      let plain = plainEnclosure(row, column)
      // As for the gradient of a softmax: other logits may be too far away to be seen.
      let numerator = column == nil ? Double(tied) - 1 : -1
      guard row == 0, column ?? 0 == 0,
        let limit = exponentials.quotientOfSquare(BigFloat(numerator)),
        plain.lower.compare(limit) <= 0, plain.upper.compare(limit) >= 0
      else { return plain }
      return Enclosure(exactly: limit).plus(change(isDiagonal: column == nil), precision: precision)
    }

    private func plainEnclosure(_ row: Int, _ column: Int?) -> Enclosure {
      let term = exponentials.term(row).enclosure.copy()
      guard let column else {
        return term.times(nonnegative: others(than: row), precision: precision)
          .divided(by: squaredSum.enclosure, precision: precision)
      }
      return term.times(
        nonnegative: exponentials.term(column).enclosure, precision: precision
      )
      .divided(by: squaredSum.enclosure, precision: precision).negated()
    }

    /// The change that the tail makes to -1/k^2 or (k - 1)/k^2, the values of maxima without it: (2
    /// k + tail) tail / (k s)^2, or (k (2 - k) - (k - 1) tail) tail / (k s)^2.
    private func change(isDiagonal: Bool) -> Enclosure {
      let total = exponentials.total().times(BigFloat(integer: tied), precision: precision)
      let tail = exponentials.tail()
      let change: Enclosure
      if isDiagonal {
        let multiple = Enclosure(2 - Double(tied))
          .times(BigFloat(integer: tied), precision: 128)
        change = multiple.minus(
          tail.times(BigFloat(integer: tied - 1), precision: precision), precision: precision)
      } else {
        change = Enclosure(exactly: BigFloat(integer: 2 * tied)).plus(tail, precision: precision)
      }
      return change.times(nonnegative: tail, precision: precision)
        .divided(by: total.times(nonnegative: total, precision: precision), precision: precision)
    }

    /// p_i ([i = j] + p_j).
    func yardstick(of slot: Int) -> Enclosure {
      let (row, column) = pair(slot)
      guard column == nil else { return enclosure(of: slot).negated() }
      let probability = exponentials.probability(row)
      return probability.plus(Enclosure(1), precision: precision)
        .times(nonnegative: probability, precision: precision)
    }

    /// The distance; for maxima whose y is -1/k^2 or (k - 1)/k^2, what the tail changes.
    func distance(from y: Double, slot: Int) -> Enclosure {
      let plain = enclosure(of: slot).distance(from: BigFloat(y), precision: precision)
      let (row, column) = pair(slot)
      guard plain.lower.isZero, !plain.isExact, row == 0, column ?? 0 == 0 else { return plain }
      var squared = BigFloat(precision: 128)
      squared.setProduct(BigFloat(integer: tied), BigFloat(integer: tied), .toNearestOrEven)
      let scaled = Enclosure(y).times(squared, precision: 256)
      let numerator = column == nil ? Double(tied) - 1 : -1
      guard scaled.lower.compare(numerator) == 0 else { return plain }
      return change(isDiagonal: column == nil).magnitude()
    }
  }
}
