import AuditedOperations
import FloatFormats
import MultiPrecision

/// The sum of the losses of many lanes, or that divided by the weights of the targets that count.
///
/// The mean over lanes of which none counts is 0 / 0 and has no value, like a lane that is all
/// masked.
///
/// **Termination.** Lanes that have a loss by algebra add 0. Let any other have two or more finite
/// logits. Times a common denominator the sum is a rational number and sum N_i ln s_i with integers
/// N_i >= 0, some above 0: were it algebraic, so were the logarithm of the product of the s_i^N_i,
/// a sum of exponentials with positive coefficients: one exponential with the coefficient 1 only
/// where each lane has one finite logit, and Lindemann and Weierstrass exclude all else.
enum ReducedLossFunction: KeptFunction {
  static var operation: AuditedOperation { .crossEntropy }

  static func special(_ lane: OperationLane) -> SpecialLane? {
    for part in lane.parts {
      if let special = CrossEntropyFunction.special(part) { return special }
    }
    guard lane.reduction == .mean, lane.parts.allSatisfy({ $0.targetWeight == 0 }) else {
      return nil
    }
    let hasLoss = lane.parts.contains { CrossEntropyFunction.knownValue(of: 0, $0) != .zero }
    return hasLoss ? nil : .fullyMasked
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    let known = lane.parts.map { CrossEntropyFunction.knownValue(of: 0, $0) }
    let value: ExactValue?
    if known.contains(.positiveInfinity) {
      value = .positiveInfinity
    } else if known.allSatisfy({ $0 == .zero }) {
      value = .zero
    } else if lane.reduction == .mean, lane.parts.allSatisfy({ $0.targetWeight == 0 }) {
      value = .positiveInfinity
    } else {
      value = known.contains(nil) ? nil : .balanced
    }
    return { _ in value }
  }

  final class Evaluation: KeptEvaluation {
    let precision: Int
    private let value, size: SharedEnclosure

    init(_ lane: OperationLane, precision: Int, _ cache: EvaluationCache) {
      self.precision = precision
      var value = Enclosure(zeroAt: precision)
      var size = Enclosure(zeroAt: precision)
      for part in lane.parts {
        let known = CrossEntropyFunction.knownValue(of: 0, part)
        if known == .zero { continue }
        let evaluation = CrossEntropyFunction.evaluation(of: part, precision: precision, cache)
        if known == nil {
          value = value.plus(evaluation.enclosure(of: 0), precision: precision)
        }
        size = size.plus(evaluation.yardstick(of: 0), precision: precision)
      }
      if lane.reduction == .mean {
        let weights = Enclosure(
          exactly: ExactSums.sum(of: lane.parts.map(\.targetWeight)))
        value = value.divided(by: weights, precision: precision)
        size = size.divided(by: weights, precision: precision)
      }
      self.value = SharedEnclosure(value)
      self.size = SharedEnclosure(size)
    }

    func enclosure(of slot: Int) -> Enclosure { value.enclosure.copy() }
    func yardstick(of slot: Int) -> Enclosure { size.enclosure.copy() }
  }
}
