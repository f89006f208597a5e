import AuditedOperations
import FloatFormats
import MultiPrecision
import Oracle

/// A lane of outputs as a distribution beside the exact one.
///
/// Bounds of the total variation and of the divergence sum p ln(p / y) come from the enclosures of
/// the probabilities and of the errors; what they leave open the oracle decides.
///
/// **The divergence.** Of probabilities, with t = y / p - 1, it is sum p (t - ln(1 + t)) + 1 - sum
/// y, because sum p t = sum y - 1: no term is negative but the defect of the sum, which is exact.
/// So nothing cancels where the outputs are good. Of log-probabilities it is sum p (ln p - y). With
/// a sink probabilities sum to less than 1, and the oracle decides the sum p ln(p / y).
struct LaneDistribution {
  let elements: [DistributionElement]
  /// The slot of each element; negative for masked ones.
  let slots: [Int]
  /// The lane of the softmax, or of the log-softmax.
  let lane: OperationLane
  let scale: DistributionElement.Scale

  /// The elements whose exact probability is positive.
  private var positive: [Int] { elements.indices.filter { !elements[$0].probability.isZero } }

  /// Whether an output stands for 0 where the exact probability is positive.
  var hasZero: Bool { elements.contains { $0.isZero && !$0.probability.isZero } }

  /// The same where the probability is above eta / 2, so that it does not round to 0.
  ///
  /// - Parameter format: The format of the outputs.
  func hasLost(in format: FloatFormat) -> Bool {
    elements.contains { element in
      guard element.isZero, !element.probability.isZero else { return false }
      let place = format.quantumExponent - 1 - Int(element.probability.quantumExponent) + 64
      // eta / 2 is never inside an enclosure: neither a midpoint nor the end of a binade is.
      guard place < 128 else { return false }
      guard place >= 0 else { return true }
      let half = UInt128(1) << UInt128(place)
      return element.probability.lower > half
        || element.probability.lower == half && element.probability.width > 0
    }
  }

  /// 1 - sum y, exactly: 4096 bits hold sums of binary64 numbers whatever their exponents.
  private func defect() -> BigFloat {
    var defect = BigFloat(precision: 4096)
    defect.setSum(of: [1] + elements.map { -$0.y }, .toNearestOrEven)
    return defect
  }

  /// A sum of enclosed terms between two numbers, the roundings of the additions included.
  private func sum(
    _ terms: (DistributionElement) -> (lower: Double, upper: Double)
  ) -> (lower: Double, upper: Double) {
    var (lower, upper, size) = (0.0, 0.0, 0.0)
    for index in positive {
      let term = terms(elements[index])
      lower += term.lower
      upper += term.upper
      size += max(abs(term.lower), abs(term.upper))
    }
    let rounding = size * Double(elements.count + 4) * 0x1p-52
    return (-(rounding - lower).nextUp, (upper + rounding).nextUp)
  }
}

// MARK: - Divergence

extension LaneDistribution {
  /// The divergence of a lane in which no output stands for 0, between two numbers.
  func divergenceBounds() -> (lower: Double, upper: Double) {
    guard scale == .logarithms || !lane.hasSink else { return (-.infinity, .infinity) }
    let terms = sum(\.divergence)
    guard scale == .probabilities else { return terms }
    let defect = defect()
    return (
      -(-terms.lower - defect.double(.down)).nextUp, (terms.upper + defect.double(.up)).nextUp
    )
  }

  /// The same as a certified figure; `nil` where the oracle reached its precision cap.
  func divergence(_ bounds: (lower: Double, upper: Double), _ oracle: SoftmaxOracle) -> Double? {
    if isDivergenceZero { return 0 }
    let figure = SignedFigure.roundedUp(bounds.upper)
    if abs(bounds.lower) > 0x1p-900, bounds.upper < 0x1p900,
      SignedFigure.roundedUp(bounds.lower) == figure
    {
      return figure
    }
    var relativeBits = 128
    while relativeBits <= oracle.precisionCap {
      guard let sum = divergence(relativeBits: relativeBits, oracle) else { return nil }
      let least = SignedFigure.roundedUp(sum.lower)
      let most = SignedFigure.roundedUp(sum.upper)
      if least == most { return most }
      relativeBits *= 2
    }
    return nil
  }

  /// Whether the divergence is 0: all outputs are right, or p = 1/k and k^m prod y = 1 for the m
  /// outputs, of which there are k unless a sink takes a share.
  ///
  /// The latter needs powers of two alone, as outputs are integers times powers of two.
  private var isDivergenceZero: Bool {
    let positive = positive
    if positive.allSatisfy({ elements[$0].isRight }) { return true }
    guard scale == .probabilities, let count = lane.constantCount else { return false }
    guard count.nonzeroBitCount == 1, positive.allSatisfy({ elements[$0].y.significand == 1 })
    else { return false }
    let exponents = positive.reduce(0) { $0 + Int(elements[$1].y.exponent) }
    return exponents == -count.trailingZeroBitCount * positive.count
  }

  /// The sum of p (ln p - ln y), or of p (ln p - y), enclosed.
  private func divergence(relativeBits: Int, _ oracle: SoftmaxOracle) -> Enclosure? {
    sum(relativeBits: relativeBits, oracle) { element, p, logarithm, precision in
      logarithm.minus(element.logarithm(precision: precision), precision: precision)
        .times(nonnegative: p, precision: precision)
    }
  }
}

// MARK: - Total variation

extension LaneDistribution {
  /// Half the sum of |y - p|, or of |e^y - p|, between two numbers.
  func variationBounds() -> VariationBounds {
    let bounds = sum(\.variation)
    return VariationBounds(lower: max(0, bounds.lower / 2), upper: bounds.upper / 2)
  }

  /// The same of log-probabilities as a certified figure; `nil` where the oracle reached its
  /// precision cap.
  func variation(_ bounds: VariationBounds, _ oracle: SoftmaxOracle) -> Double? {
    if positive.allSatisfy({ elements[$0].isRight }) { return 0 }
    if let figure = bounds.figure { return figure }
    var relativeBits = 128
    while relativeBits <= oracle.precisionCap {
      guard var sum = variation(relativeBits: relativeBits, oracle) else { return nil }
      // Not 0: e^y is p for no y but the right one.
      if sum.lower.isNegative || sum.lower.isZero { sum.lower.assign(0x1p-1074, .down) }
      let least = CertifiedUlp.roundedUp(sum.lower, timesPowerOfTwo: -1)
      let most = CertifiedUlp.roundedUp(sum.upper, timesPowerOfTwo: -1)
      if least == most { return most }
      relativeBits *= 2
    }
    return nil
  }

  private func variation(relativeBits: Int, _ oracle: SoftmaxOracle) -> Enclosure? {
    sum(relativeBits: relativeBits, oracle) { element, p, _, precision in
      var output = Enclosure(zeroAt: precision)
      if !element.isZero {
        output.lower.setExponential(BigFloat(element.y), .down)
        output.upper.setExponential(BigFloat(element.y), .up)
      }
      return output.minus(p, precision: precision).magnitude()
    }
  }
}

// MARK: - The arbiter

extension LaneDistribution {
  /// A sum over the elements whose exact probability is positive; `nil` where the oracle reached
  /// its precision cap.
  ///
  /// - Parameter term: What an element adds, from its p, its ln p and the working precision.
  private func sum(
    relativeBits: Int, _ oracle: SoftmaxOracle,
    _ term: (DistributionElement, borrowing Enclosure, borrowing Enclosure, Int) -> Enclosure
  ) -> Enclosure? {
    let precision = relativeBits + 64
    let lane = lane.asLogarithms
    var sum = Enclosure(zeroAt: precision)
    var p = Enclosure(precision: precision)
    // Elements of one slot have one p.
    let groups = Dictionary(grouping: positive) { slots[$0] }
    for (slot, members) in groups.sorted(by: { $0.key < $1.key }) {
      // -ln p: as wide as it is where it is beyond all figures.
      guard
        let size = oracle.distance(from: 0, slot: slot, of: lane, relativeBits: relativeBits)
      else { return nil }
      let logarithm = size.negated()
      p.lower.setExponential(logarithm.lower, .down)
      p.upper.setExponential(logarithm.upper, .up)
      for index in members where !elements[index].isRight {
        let added = term(elements[index], p, logarithm, precision)
        sum.lower.formSum(added.lower, .down)
        sum.upper.formSum(added.upper, .up)
      }
    }
    return sum
  }
}

extension DistributionElement {
  /// The logarithm of the output, which an output of a log-softmax is itself.
  fileprivate func logarithm(precision: Int) -> Enclosure {
    guard scale == .probabilities else {
      return Enclosure(lower: BigFloat(y), upper: BigFloat(y))
    }
    var logarithm = Enclosure(precision: precision)
    logarithm.lower.setLogarithm(BigFloat(y), .down)
    logarithm.upper.setLogarithm(BigFloat(y), .up)
    return logarithm
  }
}

extension OperationLane {
  /// The log-softmax of the same logits, with their modifiers.
  fileprivate var asLogarithms: OperationLane {
    if operation == .logSoftmax { return self }
    return modified.map { OperationLane(.logSoftmax, $0) } ?? OperationLane(.logSoftmax, logits)
  }

  /// Whether probabilities sum to less than 1.
  var hasSink: Bool { modified?.finiteSink != nil }
}
