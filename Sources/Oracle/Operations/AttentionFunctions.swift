import AuditedOperations
import FloatFormats
import MultiPrecision

/// The exact functions of a row of attention.
enum AttentionFunctions {
  static func function(of part: AttentionPart) -> any ExactFunction.Type {
    switch part {
    case .output: AttentionOutputFunction.self
    case .logSumExp: AttentionLogSumExpFunction.self
    }
  }
}

/// The row of a lane that has one.
private func attention(_ lane: OperationLane) -> AttentionLane {
  guard let attention = lane.attention else { preconditionFailure("the lane is no row") }
  return attention
}

/// o_c = sum p_j v_jc, a slot for each channel c.
///
/// For a group g of n_g equal scores, the sink among them, let V_g be the sum of v_jc of its keys.
/// With 0 the group of the largest score, o_c = V_0 / n_0 + sum_g e^(z_g - z_0) W_g / (n_0 s), W_g
/// = n_0 V_g - n_g V_0: what dominates is exact, and what balances is left out exactly.
///
/// **Zeros and rational values.** All W_g are 0 where all groups have one mean of v: o_c is that
/// mean, whatever the scores. It is 0 where no value has anything in the channel, and where terms
/// cancel.
///
/// **Termination.** Without a cap the z are algebraic numbers, those of different groups different
/// (see ``ScoreTerm``). Were o_c algebraic, sum_g (V_g - o_c n_g) e^(z_g) = 0 would be a relation
/// of exponentials of different algebraic numbers with algebraic coefficients, which Lindemann and
/// Weierstrass exclude unless V_g = o_c n_g for all g. Else o_c is transcendental, and doubling the
/// precision ends. With a cap there is no such proof: what the precision cap leaves open is
/// undecided.
enum AttentionOutputFunction: ExactFunction {
  static var operation: AuditedOperation { .attention }

  static func special(_ lane: OperationLane) -> SpecialLane? {
    let attention = attention(lane)
    // Exact scores cost a thousand times what the filter does.
    if attention.row.isOrdinary { return nil }
    let scores = attention.scores
    if scores.hasNaN { return .holdsNaN }
    if scores.infinityCount > 0 { return .holdsInfinity }
    if scores.isEmpty { return .fullyMasked }
    // Infinities of one sign are values; of both, they have no sum.
    let head = attention.row.head
    guard head.hasSpecialValues else { return nil }
    for channel in 0..<head.valueDimension {
      let sum = scores.members.joined().reduce(0) { $0 + head.special($1, channel) }
      if sum.isNaN { return .holdsNaN }
    }
    return nil
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    let attention = attention(lane)
    let (scores, head) = (attention.scores, attention.row.head)
    return { channel in
      let keys = scores.members.joined()
      if head.hasSpecialValues {
        let sum = keys.reduce(0) { $0 + head.special($1, channel) }
        if sum.isInfinite { return sum < 0 ? .negativeInfinity : .positiveInfinity }
      }
      if keys.allSatisfy({ head.value($0, channel) == 0 }) { return .zero }
      guard scores.valueSum(0, channel, head).isZero else { return nil }
      let isBalanced = scores.terms.indices.allSatisfy {
        scores.valueSum($0, channel, head).isZero
      }
      return isBalanced ? .balanced : nil
    }
  }

  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    cache.evaluation(of: lane, precision: precision) {
      Evaluation(attention(lane), precision: precision)
    }
  }

  private final class Evaluation: ExactEvaluation {
    let precision: Int
    private let head: AttentionHead
    private let scores: AttentionScores
    private let exponentials: LogitExponentials<ScoreTerm>

    init(_ attention: AttentionLane, precision: Int) {
      self.precision = precision
      head = attention.row.head
      scores = attention.scores
      exponentials = LogitExponentials(
        scores.terms, multiplicities: scores.multiplicities, precision: precision)
    }

    private var reference: Int { exponentials.reference }

    /// V_0 / n_0, exact where the quotient has an end.
    private func mean(_ channel: Int) -> Enclosure {
      let sum = scores.valueSum(reference, channel, head)
      let tied = exponentials.tied
      guard tied.compare(1) != 0 else { return Enclosure(exactly: sum) }
      var quotient = BigFloat(precision: ExactSums.precision)
      if quotient.setQuotient(sum, tied, .toNearestOrEven) == 0 {
        return Enclosure(exactly: quotient)
      }
      return Enclosure(exactly: sum).divided(by: Enclosure(exactly: tied), precision: precision)
    }

    /// o_c - V_0 / n_0.
    private func change(_ channel: Int) -> Enclosure {
      let own = scores.valueSum(reference, channel, head)
      var sum = WeightedSum(precision: precision)
      var weight = BigFloat(precision: ExactSums.productPrecision)
      var other = BigFloat(precision: ExactSums.productPrecision)
      let single = scores.single(reference, channel, head)
      for place in scores.terms.indices where place != reference {
        if let single, let value = scores.single(place, channel, head),
          let difference = value.exactDifference(from: single)
        {
          sum.add(exponentials.term(place).enclosure, times: difference)
          continue
        }
        weight.setProduct(
          scores.valueSum(place, channel, head), exponentials.tied, .toNearestOrEven)
        other.setProduct(own, BigFloat(integer: scores.multiplicities[place]), .toNearestOrEven)
        weight.formDifference(other, .toNearestOrEven)
        sum.add(exponentials.term(place).enclosure, times: weight)
      }
      let total = exponentials.total.enclosure.times(exponentials.tied, precision: precision)
      return sum.enclosure.divided(by: total, precision: precision)
    }

    func enclosure(of channel: Int) -> Enclosure {
      let change = change(channel)
      let mean = mean(channel)
      if change.lower.isZero, change.upper.isZero { return mean }
      return mean.plus(change, precision: precision)
    }

    /// sum p_j |v_jc|.
    func yardstick(of channel: Int) -> Enclosure {
      var sum = WeightedSum(precision: precision)
      for place in scores.terms.indices {
        sum.add(
          exponentials.term(place).enclosure,
          times: scores.absoluteValueSum(place, channel, head))
      }
      return sum.enclosure.divided(by: exponentials.total.enclosure, precision: precision)
    }

    /// The distance; where y is V_0 / n_0, what the other scores change.
    func distance(from y: Double, slot channel: Int) -> Enclosure {
      let plain = enclosure(of: channel).distance(from: BigFloat(y), precision: precision)
      guard plain.lower.isZero, !plain.isExact else { return plain }
      let mean = mean(channel)
      guard mean.isExact, mean.lower.compare(y) == 0 else { return plain }
      return change(channel).magnitude()
    }
  }
}

/// z_0 + ln s, the sink among the terms; one value for the row.
///
/// **Termination.** It is algebraic for one single number alone, which it then is: with different
/// ones, or with several equal ones, e^L is a sum of exponentials of algebraic numbers with
/// positive coefficients that is no single one of them (Lindemann and Weierstrass). An algebraic
/// number that is irrational is no float or midpoint either; a rational one is told from them by
/// enough bits, or found to be one. With a cap there is no such proof.
enum AttentionLogSumExpFunction: ExactFunction {
  static var operation: AuditedOperation { .attention }

  static func special(_ lane: OperationLane) -> SpecialLane? {
    let attention = attention(lane)
    return !attention.row.isOrdinary && attention.scores.hasNaN ? .holdsNaN : nil
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    let scores = attention(lane).scores
    if scores.infinityCount > 0 { return { _ in .positiveInfinity } }
    guard let first = scores.terms.first else { return { _ in .negativeInfinity } }
    return scores.constantCount == 1 && first.isZero ? { _ in .balanced } : { _ in nil }
  }

  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    cache.evaluation(of: lane, precision: precision) {
      let scores = attention(lane).scores
      return LogitLogSumExp(
        LogitExponentials(
          scores.terms, multiplicities: scores.multiplicities, precision: precision))
    }
  }
}

/// An enclosure of a sum of products of exponentials with numbers known exactly.
private struct WeightedSum: ~Copyable {
  var enclosure: Enclosure
  private var product: BigFloat
  private var weight = BigFloat(precision: 53)

  init(precision: Int) {
    enclosure = Enclosure(zeroAt: precision)
    product = BigFloat(precision: precision)
  }

  mutating func add(_ term: borrowing Enclosure, times weight: Double) {
    guard weight != 0 else { return }
    self.weight.assign(weight, .toNearestOrEven)
    if weight < 0 {
      product.setProduct(term.upper, self.weight, .down)
      enclosure.lower.formSum(product, .down)
      product.setProduct(term.lower, self.weight, .up)
    } else {
      product.setProduct(term.lower, self.weight, .down)
      enclosure.lower.formSum(product, .down)
      product.setProduct(term.upper, self.weight, .up)
    }
    enclosure.upper.formSum(product, .up)
  }

  mutating func add(_ term: borrowing Enclosure, times weight: borrowing BigFloat) {
    guard !weight.isZero else { return }
    let addend = term.times(weight, precision: product.precision)
    enclosure.lower.formSum(addend.lower, .down)
    enclosure.upper.formSum(addend.upper, .up)
  }
}

extension AttentionScores {
  /// The value, in a channel, that belongs to a number that occurs once, 0 for a sink; `nil` where
  /// the number occurs more often.
  fileprivate func single(_ place: Int, _ channel: Int, _ head: AttentionHead) -> Double? {
    guard multiplicities[place] == 1 else { return nil }
    return members[place].first.map { head.value($0, channel) } ?? 0
  }
}

extension AttentionHead {
  /// A number of a value where it is none or infinite, else 0.
  fileprivate func special(_ key: Int, _ channel: Int) -> Double {
    let value = value(key, channel)
    return value.isFinite ? 0 : value
  }
}

extension Double {
  /// The difference where it is a number of binary64; `nil` where it is none.
  fileprivate func exactDifference(from other: Double) -> Double? {
    // Knuth's sum of two numbers, whose error is 0.
    let difference = self - other
    let part = difference - self
    let error = (self - (difference - part)) - (other + part)
    return error == 0 ? difference : nil
  }
}
