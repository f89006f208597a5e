import AuditedOperations
import FloatFormats
import MultiPrecision

/// The exact coefficients of a cross-entropy, n times as large: N_c = n w_c (1 - e) [c = t] + e
/// w_c.
///
/// n times, because e / n is the exact quotient: the coefficients themselves are N_c / n.
struct CrossEntropyTerms {
  let coefficients: ExactCoefficients
  private let lane: OperationLane

  /// The terms of a lane whose target is a class.
  init(_ lane: OperationLane) {
    self.lane = lane
    let parameters = lane.parameters
    let weights = parameters.classWeights ?? Array(repeating: 1, count: lane.length)
    let target = Int(lane.target ?? 0)
    let own = Self.own(lane, weights[target])
    var spread = BigFloat(precision: ExactCoefficients.precision)
    spread.setProduct(
      ExactSums.sum(of: weights), BigFloat(parameters.labelSmoothing), .toNearestOrEven)
    var sum = BigFloat(precision: ExactCoefficients.precision)
    sum.setSum(own.enclosure.lower, spread, .toNearestOrEven)
    coefficients = ExactCoefficients(sum: BigFloat(copying: sum), absoluteSum: sum) { index in
      var value = BigFloat(precision: ExactCoefficients.precision)
      value.setProduct(
        BigFloat(weights[index]), BigFloat(parameters.labelSmoothing), .toNearestOrEven)
      if index == target { value.formSum(own.enclosure.lower, .toNearestOrEven) }
      return SharedEnclosure(Enclosure(exactly: value))
    }
  }

  /// n w_t (1 - e).
  private static func own(_ lane: OperationLane, _ weight: Double) -> SharedEnclosure {
    // 1 - e has at most 1075 bits.
    var rest = BigFloat(precision: 1152)
    rest.setDifference(BigFloat(1), BigFloat(lane.parameters.labelSmoothing), .toNearestOrEven)
    var own = BigFloat(precision: ExactCoefficients.precision)
    own.setProduct(rest, BigFloat(weight), .toNearestOrEven)
    own.formProduct(UInt64(lane.length), .toNearestOrEven)
    return SharedEnclosure(Enclosure(exactly: own))
  }

  /// Whether all coefficients are 0.
  var areNone: Bool { coefficients.sum.enclosure.lower.isZero }

  /// The classes with a coefficient other than 0.
  var classes: [Int] {
    let (parameters, target) = (lane.parameters, Int(lane.target ?? 0))
    guard parameters.labelSmoothing > 0 else {
      return parameters.weight(target) > 0 ? [target] : []
    }
    return (0..<lane.length).filter { parameters.weight($0) > 0 }
  }

  /// sum N_c (m - x_c), without a rounding where the precision suffices.
  ///
  /// - Returns: An enclosure; all its terms are finite.
  func distances(precision: Int) -> Enclosure {
    let logits = lane.logits
    let maximum = BigFloat(logits.values[0])
    var sum = Enclosure(zeroAt: precision)
    for index in classes where logits.slots[index] > 0 {
      let logit = BigFloat(logits.values[Int(logits.slots[index])])
      var distance = Enclosure(precision: precision)
      distance.lower.setDifference(maximum, logit, .down)
      distance.upper.setDifference(maximum, logit, .up)
      let term = distance.times(coefficients[index], precision: precision)
      sum.lower.formSum(term.lower, .down)
      sum.upper.formSum(term.upper, .up)
    }
    return sum
  }
}
