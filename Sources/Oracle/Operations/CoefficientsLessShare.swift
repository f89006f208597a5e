import FloatFormats
import MultiPrecision

/// Enclosures of (c_i - p_i C) / n or its negative, C = sum c_j, the coefficients c known exactly.
///
/// With k tied maxima, c_i - p_i C = (k c_i - C) / k + C tail / (k s) for a maximum: a share that
/// is almost all of C cancels without a loss.
///
/// **Termination.** Where all finite logits are equal, for a masked one, and where C = 0, the value
/// is rational: enough bits make both ends agree, or tell it from every float and midpoint. Else
/// p_i is transcendental (see ``SoftmaxOracle``), and so is the value.
final class CoefficientsLessShare: ExactEvaluation {
  let precision: Int
  private let exponentials: LaneExponentials
  private let coefficients: ExactCoefficients
  private let isNegated: Bool
  private let divisor: SharedEnclosure

  init(
    _ logits: DistinctLogits, _ coefficients: ExactCoefficients, dividedBy divisor: Int,
    isNegated: Bool, precision: Int, _ cache: EvaluationCache
  ) {
    self.precision = precision
    self.coefficients = coefficients
    self.isNegated = isNegated
    self.divisor = SharedEnclosure(Enclosure(exactly: BigFloat(integer: UInt64(divisor))))
    exponentials = LaneExponentials(logits, precision: precision, cache)
  }

  private func slot(_ index: Int) -> Int { Int(exponentials.logits.slots[index]) }

  /// k c_i - C.
  private func imbalance(_ index: Int) -> Enclosure {
    let tied = BigFloat(integer: exponentials.tiedCount)
    return Enclosure(exactly: coefficients[index])
      .times(tied, precision: ExactCoefficients.precision)
      .minus(coefficients.sum.enclosure, precision: ExactCoefficients.precision)
  }

  /// C tail / (k s), what the share of a maximum is below C / k.
  private func shortfall() -> Enclosure {
    let tied = BigFloat(integer: exponentials.tiedCount)
    return exponentials.tail()
      .times(coefficients.sum.enclosure.lower, precision: precision)
      .divided(
        by: exponentials.total().times(tied, precision: precision), precision: precision)
  }

  /// C p_i.
  private func share(_ slot: Int) -> Enclosure {
    exponentials.probability(slot).times(coefficients.sum.enclosure.lower, precision: precision)
  }

  func enclosure(of index: Int) -> Enclosure {
    let slot = slot(index)
    let own = Enclosure(exactly: coefficients[index])
    let difference: Enclosure
    if slot < 0 {
      difference = own
    } else if slot == 0 {
      difference = imbalance(index)
        .divided(
          by: Enclosure(exactly: BigFloat(integer: exponentials.tiedCount)), precision: precision
        )
        .plus(shortfall(), precision: precision)
    } else {
      difference = own.minus(share(slot), precision: precision)
    }
    let value = difference.divided(by: divisor.enclosure, precision: precision)
    return isNegated ? value.negated() : value
  }

  /// (|c_i| + p_i sum |c_j|) / n.
  func yardstick(of index: Int) -> Enclosure {
    let own = Enclosure(exactly: coefficients[index]).magnitude()
    let slot = slot(index)
    guard slot >= 0 else { return own.divided(by: divisor.enclosure, precision: precision) }
    return exponentials.probability(slot)
      .times(coefficients.absoluteSum.enclosure.lower, precision: precision)
      .plus(own, precision: precision)
      .divided(by: divisor.enclosure, precision: precision)
  }

  /// The distance; where y is the value that would be if logits further away were not there, it is
  /// what they change, which has no cancellation.
  func distance(from y: Double, slot index: Int) -> Enclosure {
    let plain = enclosure(of: index).distance(from: BigFloat(y), precision: precision)
    let slot = slot(index)
    guard plain.lower.isZero, !plain.isExact, slot >= 0 else { return plain }
    var scaled = Enclosure(isNegated ? -y : y)
      .times(divisor.enclosure.lower, precision: ExactCoefficients.precision)
    let limit: Enclosure
    if slot == 0 {
      limit = imbalance(index)
      scaled = scaled.times(
        BigFloat(integer: exponentials.tiedCount), precision: ExactCoefficients.precision)
    } else {
      limit = Enclosure(exactly: coefficients[index])
    }
    guard limit.lower.compare(scaled.lower) == 0 else { return plain }
    return (slot == 0 ? shortfall() : share(slot)).magnitude()
      .divided(by: divisor.enclosure, precision: precision)
  }
}

/// Exact numbers, one for each element of a lane, with their sum.
struct ExactCoefficients {
  /// The bits of a product of two binary64 numbers and an integer below 2^32, of the sum of 2^32
  /// such, and of that times such an integer: exponents from -2148 to 1152.
  static let precision = 3328

  let sum, absoluteSum: SharedEnclosure
  private let value: (Int) -> SharedEnclosure

  init(
    sum: consuming BigFloat, absoluteSum: consuming BigFloat,
    value: @escaping (Int) -> SharedEnclosure
  ) {
    self.sum = SharedEnclosure(Enclosure(exactly: sum))
    self.absoluteSum = SharedEnclosure(Enclosure(exactly: absoluteSum))
    self.value = value
  }

  /// Binary64 numbers.
  init(_ values: [Double]) {
    self.init(
      sum: ExactSums.sum(of: values), absoluteSum: ExactSums.sum(of: values.lazy.map(abs))
    ) { SharedEnclosure(Enclosure(values[$0])) }
  }

  subscript(index: Int) -> BigFloat { BigFloat(copying: value(index).enclosure.lower) }
}

extension ExactCoefficients {
  /// The zeros of c_i - p_i C.
  ///
  /// - Parameter hasNoTerm: Whether both terms of an element are 0.
  func zeros(
    of logits: DistinctLogits, hasNoTerm: @escaping (Int) -> Bool
  ) -> (Int) -> ExactValue? {
    let isRational = logits.values.count == 1
    let tied = logits.multiplicities.first ?? 0
    let coefficients = self
    return { index in
      if hasNoTerm(index) { return .zero }
      let isShared = logits.slots[index] >= 0 && !coefficients.sum.enclosure.lower.isZero
      guard isShared else { return coefficients[index].isZero ? .balanced : nil }
      guard isRational else { return nil }
      var own = BigFloat(precision: ExactCoefficients.precision)
      own.setProduct(coefficients[index], BigFloat(integer: tied), .toNearestOrEven)
      return own.compare(coefficients.sum.enclosure.lower) == 0 ? .balanced : nil
    }
  }
}
