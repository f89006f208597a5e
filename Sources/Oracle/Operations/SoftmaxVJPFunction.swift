import AuditedOperations
import FloatFormats
import MultiPrecision

/// p_i (g_i - sum p_j g_j), a slot for each element.
///
/// With k the tied maxima, G their sum of g, tail = sum e^(-d_j) and T = sum e^(-d_j) g_j below
/// them, v_i = e^(-d_i) ((k g_i - G) + (g_i tail - T)) / s^2. The first difference is exact: a
/// maximum that dominates cancels without a loss.
///
/// **Zeros.** v_i = 0 where sum e^(x_j) (g_i - g_j) = 0. Exponentials of different algebraic
/// numbers are linearly independent over them (Lindemann and Weierstrass), so it is where for each
/// distinct logit the mean of its g is g_i, which integers decide.
///
/// **Termination.** Where all finite logits are equal v_i = (k g_i - G) / k^2 is rational: with
/// enough bits both ends of an enclosure agree, or it lies apart from every float and midpoint.
/// Else, were v_i algebraic and not 0, e^(x_i) sum e^(x_j) (g_i - g_j) - v_i (sum e^(x_j))^2 = 0
/// would be such a relation; e^(2 max) and e^(2 min) have coefficients from the first part only
/// where x_i is maximum and minimum, which it is not both: one stays, a contradiction. So doubling
/// the precision ends. What balances for one distinct logit is left out exactly; where different
/// logits balance each other down to one further away than the precision cap tells, the value is
/// `undecided`.
enum SoftmaxVJPFunction: VectorJacobianFunction, KeptFunction {
  static var operation: AuditedOperation { .softmaxVJP }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    let (slots, upstream) = (lane.logits.slots, lane.upstream)
    guard let balance = balance(of: lane) else {
      return { slots[$0] == DistinctLogits.masked ? .zero : nil }
    }
    let hasNoTerm = slots.indices.allSatisfy {
      slots[$0] == DistinctLogits.masked || upstream[$0] == 0
    }
    return { index in
      guard slots[index] != DistinctLogits.masked else { return .zero }
      guard upstream[index] == balance else { return nil }
      return hasNoTerm ? .zero : .balanced
    }
  }

  /// The number that is the mean of g for each distinct logit; `nil` where there is none in
  /// binary64.
  private static func balance(of lane: OperationLane) -> Double? {
    let (logits, upstream) = (lane.logits, lane.upstream)
    let maxima = logits.slots.indices.filter { logits.slots[$0] == 0 }
    var mean = BigFloat(precision: 53)
    let isExact =
      mean.setQuotient(
        ExactSums.sum(of: maxima.map { upstream[$0] }),
        BigFloat(integer: logits.multiplicities[0]), .toNearestOrEven) == 0
    let balance = mean.double(.toNearestOrEven)
    guard isExact, mean.compare(balance) == 0 else { return nil }
    // Logits that occur once tell quickly.
    var groups: [Int32: [Double]] = [:]
    for (index, slot) in logits.slots.enumerated() where slot > 0 {
      if logits.multiplicities[Int(slot)] > 1 {
        groups[slot, default: []].append(upstream[index])
      } else if upstream[index] != balance {
        return nil
      }
    }
    for group in groups.values {
      var wanted = BigFloat(precision: 128)
      wanted.setProduct(
        BigFloat(balance), BigFloat(integer: UInt64(group.count)), .toNearestOrEven)
      guard ExactSums.sum(of: group).compare(wanted) == 0 else { return nil }
    }
    return balance
  }

  final class Evaluation: KeptEvaluation {
    let precision: Int
    private let exponentials: LaneExponentials
    private let upstream: [Double]
    /// G, and T.
    private let tied, tail: SharedEnclosure
    /// sum e^(-d_j) |g_j|.
    private let absolute: SharedEnclosure
    /// g_i tail - T by g_i, where it is taken logit by logit.
    private var separated: [UInt64: SharedEnclosure] = [:]

    init(_ lane: OperationLane, precision: Int, _ cache: EvaluationCache) {
      self.precision = precision
      upstream = lane.upstream
      exponentials = LaneExponentials(lane.logits, precision: precision, cache)
      let tied = exponentials.tiedSums(of: upstream)
      let tails = exponentials.tails(weightedBy: upstream)
      self.tied = tied.signed
      tail = tails.signed
      absolute = SharedEnclosure(
        tied.absolute.enclosure.plus(tails.absolute.enclosure, precision: precision))
    }

    private func slot(_ index: Int) -> Int { Int(exponentials.logits.slots[index]) }

    /// k g_i - G.
    private func imbalance(_ index: Int) -> Enclosure {
      var own = BigFloat(precision: 128)
      own.setProduct(
        BigFloat(upstream[index]), BigFloat(integer: exponentials.tiedCount), .toNearestOrEven)
      return Enclosure(exactly: own)
        .minus(tied.enclosure, precision: max(precision, ExactSums.precision))
    }

    /// g_i tail - T.
    private func rest(_ index: Int) -> Enclosure {
      let plain = exponentials.tail().times(BigFloat(upstream[index]), precision: precision)
        .minus(tail.enclosure, precision: precision)
      guard plain.lower.compare(0) <= 0, plain.upper.compare(0) >= 0 else { return plain }
      let key = upstream[index].bitPattern
      if let known = separated[key] { return known.enclosure.copy() }
      let made = SharedEnclosure(separatedRest(upstream[index]))
      separated[key] = made
      return made.enclosure.copy()
    }

    /// The same as the sum of e^(-d) (n g_i - sum g) over the distinct logits below the maximum.
    ///
    /// What balances for one logit is left out exactly, so that the others show however far away
    /// they are: padding of -1e9 beside an upstream that is constant elsewhere.
    private func separatedRest(_ own: Double) -> Enclosure {
      let logits = exponentials.logits
      var sum = Enclosure(zeroAt: precision)
      var groups: [Int: [Double]] = [:]
      for (index, slot) in logits.slots.enumerated() where slot > 0 {
        if logits.multiplicities[Int(slot)] > 1 {
          groups[Int(slot), default: []].append(upstream[index])
        } else if upstream[index] != own {
          add(
            Enclosure(own).minus(Enclosure(upstream[index]), precision: precision),
            weightedBy: Int(slot), to: &sum)
        }
      }
      for slot in groups.keys.sorted() {
        let group = groups[slot] ?? []
        var wanted = BigFloat(precision: 128)
        wanted.setProduct(BigFloat(own), BigFloat(integer: UInt64(group.count)), .toNearestOrEven)
        add(
          Enclosure(exactly: wanted).minus(
            Enclosure(exactly: ExactSums.sum(of: group)), precision: ExactSums.precision),
          weightedBy: slot, to: &sum)
      }
      return sum
    }

    /// Adds e^(-d) times a difference that is not 0.
    private func add(
      _ difference: borrowing Enclosure, weightedBy slot: Int, to sum: inout Enclosure
    ) {
      guard !difference.lower.isZero || !difference.upper.isZero else { return }
      let term = difference.times(
        nonnegative: exponentials.term(slot).enclosure, precision: precision)
      sum.lower.formSum(term.lower, .down)
      sum.upper.formSum(term.upper, .up)
    }

    func enclosure(of index: Int) -> Enclosure {
      guard slot(index) >= 0 else { return Enclosure(0) }
      let total = exponentials.total()
      let imbalance = imbalance(index)
      let plain = imbalance.plus(rest(index), precision: precision)
        .times(nonnegative: exponentials.term(slot(index)).enclosure, precision: precision)
        .divided(by: total.times(nonnegative: total, precision: precision), precision: precision)
      // Beside a rational number that is one of binary64 all other logits may be too far away to be
      // seen: what they change is added to it, so that it remains an end.
      guard slot(index) == 0, imbalance.isExact,
        let limit = exponentials.quotientOfSquare(imbalance.lower),
        plain.lower.compare(limit) <= 0, plain.upper.compare(limit) >= 0
      else { return plain }
      return Enclosure(exactly: limit).plus(change(index), precision: precision)
    }

    /// v_i - (k g_i - G) / k^2 of a maximum: (k^2 (g_i tail - T) - (k g_i - G) (2 k + tail) tail) /
    /// (k s)^2.
    private func change(_ index: Int) -> Enclosure {
      let tied = BigFloat(integer: exponentials.tiedCount)
      var squared = BigFloat(precision: 128)
      squared.setProduct(tied, tied, .toNearestOrEven)
      let tail = exponentials.tail()
      let doubled = Enclosure(exactly: BigFloat(integer: 2 * exponentials.tiedCount))
      let shrinkage = doubled.plus(tail, precision: precision)
        .times(nonnegative: tail, precision: precision)
      let total = exponentials.total().times(tied, precision: precision)
      let change = rest(index).times(squared, precision: precision)
        .minus(shrinkage.times(imbalance(index).lower, precision: precision), precision: precision)
        .divided(by: total.times(nonnegative: total, precision: precision), precision: precision)
      guard tail.lower.isZero, let isNegative = isNegativeOutOfSight(index) else { return change }
      var signed = change.copy()
      if isNegative {
        signed.upper.assign(0, .toNearestOrEven)
      } else {
        signed.lower.assign(0, .toNearestOrEven)
      }
      return signed
    }

    /// The sign of the change where exponentials are too small for MPFR: that of sum e^(x_j) (k^2
    /// (g_i - g_j) - 2 k (k g_i - G)) over the logits below the maximum, taken relative to the
    /// largest of them; `nil` where that sum leaves it open.
    private func isNegativeOutOfSight(_ index: Int) -> Bool? {
      let logits = exponentials.logits
      guard logits.values.count > 1 else { return nil }
      let below = LaneExponentials(
        DistinctLogits(
          exactly: logits.slots.map { $0 > 0 ? logits.values[Int($0)] : -Double.infinity }),
        precision: precision, EvaluationCache())
      let weighted = below.tiedSums(of: upstream).signed.enclosure
        .plus(below.tails(weightedBy: upstream).signed.enclosure, precision: precision)
      let tied = BigFloat(integer: exponentials.tiedCount)
      let shrinkage = below.total().times(imbalance(index).lower, precision: precision)
        .times(BigFloat(2), precision: precision)
      let sum = below.total().times(BigFloat(upstream[index]), precision: precision)
        .minus(weighted, precision: precision).times(tied, precision: precision)
        .minus(shrinkage, precision: precision)
      if !sum.lower.isZero, !sum.lower.isNegative { return false }
      return !sum.upper.isZero && sum.upper.isNegative ? true : nil
    }

    /// p_i (|g_i| + sum p_j |g_j|).
    func yardstick(of index: Int) -> Enclosure {
      guard slot(index) >= 0 else { return Enclosure(0) }
      return absolute.enclosure.divided(by: exponentials.total(), precision: precision)
        .plus(Enclosure(abs(upstream[index])), precision: precision)
        .times(nonnegative: exponentials.probability(slot(index)), precision: precision)
    }

    /// The distance; of a maximum whose y is (k g_i - G) / k^2, where all other logits may be too
    /// far away to be seen, it is that of what they change.
    func distance(from y: Double, slot index: Int) -> Enclosure {
      let plain = enclosure(of: index).distance(from: BigFloat(y), precision: precision)
      guard plain.lower.isZero, !plain.isExact, slot(index) == 0 else { return plain }
      let tied = BigFloat(integer: exponentials.tiedCount)
      var squared = BigFloat(precision: 128)
      squared.setProduct(tied, tied, .toNearestOrEven)
      var limit = BigFloat(precision: 256)
      limit.setProduct(BigFloat(y), squared, .toNearestOrEven)
      let imbalance = imbalance(index)
      guard imbalance.isExact, imbalance.lower.compare(limit) == 0 else { return plain }
      return change(index).magnitude()
    }
  }
}
