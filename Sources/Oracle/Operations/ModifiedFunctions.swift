import AuditedOperations
import FloatFormats
import MultiPrecision

/// The exact functions of lanes whose logits have modifiers; a slot for each distinct number z.
///
/// **Termination.** Without a cap all z, and the sink, are dyadic rationals, and nothing else
/// changes: where two of them differ, probabilities, their logarithms and the logsumexp are
/// transcendental for the reasons of ``SoftmaxOracle``, ``LogSoftmaxFunction`` and
/// ``LogSumExpFunction``; the sink is a term of their relations like any other. Where all are
/// equal, n of them, the values are 1/n, -ln n and z + ln n: rational, or transcendental for n >
/// 1, or 0 and the dyadic z for n = 1, which enough bits hold. With a cap there is no such proof
/// for z = k tanh(c x / k), unless all are equal: what the precision cap leaves open is undecided.
enum ModifiedFunctions {
  static func function(of operation: AuditedOperation) -> any ExactFunction.Type {
    switch operation {
    case .logSoftmax: ModifiedLogSoftmaxFunction.self
    case .logSumExp: ModifiedLogSumExpFunction.self
    default: ModifiedSoftmaxFunction.self
    }
  }

  /// The reason for which a lane has no probabilities: a NaN, +inf, or no number, not even a sink.
  static func lackOfProbabilities(_ modified: ModifiedLogits) -> SpecialLane? {
    if modified.hasNaN { return .holdsNaN }
    if modified.infinityCount > 0 { return .holdsInfinity }
    return modified.terms.isEmpty && !modified.elements.isEmpty ? .fullyMasked : nil
  }
}

/// The modified logits of a lane that has some.
private func modified(_ lane: OperationLane) -> ModifiedLogits {
  guard let modified = lane.modified else {
    preconditionFailure("the lane has no modifiers")
  }
  return modified
}

/// An evaluation that is made of the exponentials of the numbers z.
protocol ModifiedEvaluation: KeptEvaluation, AnyObject {
  init(_ exponentials: ModifiedExponentials)
}

extension ModifiedEvaluation {
  init(_ lane: OperationLane, precision: Int, _ cache: EvaluationCache) {
    self.init(ModifiedExponentials(modified(lane), precision: precision))
  }
}

/// An exact function of the numbers z.
protocol ModifiedFunction: KeptFunction where Evaluation: ModifiedEvaluation {}

/// An exact function with a value for each z: the softmax and its logarithm.
protocol ModifiedElementFunction: ModifiedFunction {}

extension ModifiedElementFunction {
  static func special(_ lane: OperationLane) -> SpecialLane? {
    ModifiedFunctions.lackOfProbabilities(modified(lane))
  }
  static func slots(of lane: OperationLane) -> [Int32] { modified(lane).slots }
  static func slotCount(of lane: OperationLane) -> Int { modified(lane).elementTermCount }
}

/// e^(z_i) / sum e^(z_j), the sink in the sum.
enum ModifiedSoftmaxFunction: ModifiedElementFunction {
  static var operation: AuditedOperation { .softmax }

  final class Evaluation: ModifiedEvaluation {
    private let exponentials: ModifiedExponentials
    var precision: Int { exponentials.precision }

    init(_ exponentials: ModifiedExponentials) { self.exponentials = exponentials }

    func enclosure(of slot: Int) -> Enclosure {
      exponentials.term(slot).enclosure.divided(
        by: exponentials.total.enclosure, precision: precision)
    }

    /// p itself.
    func yardstick(of slot: Int) -> Enclosure { enclosure(of: slot) }

    /// The distance; from y = 1/k of the k at the reference tail / (k s), which has no
    /// cancellation.
    func distance(from y: Double, slot: Int) -> Enclosure {
      let plain = enclosure(of: slot).distance(from: BigFloat(y), precision: precision)
      guard plain.lower.isZero, !plain.isExact, slot == exponentials.reference else {
        return plain
      }
      let tied = exponentials.tied
      var product = BigFloat(precision: 128)
      product.setProduct(BigFloat(y), tied, .toNearestOrEven)
      guard product.compare(1) == 0 else { return plain }
      return exponentials.tail.enclosure.divided(
        by: exponentials.total.enclosure.times(tied, precision: precision), precision: precision)
    }
  }
}

/// (z_i - r) - ln s.
enum ModifiedLogSoftmaxFunction: ModifiedElementFunction {
  static var operation: AuditedOperation { .logSoftmax }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    modified(lane).constantCount == 1 ? { _ in .balanced } : { _ in nil }
  }

  final class Evaluation: ModifiedEvaluation {
    private let exponentials: ModifiedExponentials
    private let logSum: SharedEnclosure
    var precision: Int { exponentials.precision }

    init(_ exponentials: ModifiedExponentials) {
      self.exponentials = exponentials
      logSum = SharedEnclosure(exponentials.logarithmOfSum())
    }

    func enclosure(of slot: Int) -> Enclosure {
      var value = exponentials.difference(slot).minus(logSum.enclosure, precision: precision)
      // A lane with one number: ln 1, whose ends come out as -0 and +0.
      if value.lower.isZero { value.lower.assign(0, .toNearestOrEven) }
      if value.upper.isZero { value.upper.assign(0, .toNearestOrEven) }
      return value
    }

    /// max(1, |l|).
    func yardstick(of slot: Int) -> Enclosure {
      enclosure(of: slot).magnitude().maximum(Enclosure(1), precision: precision)
    }

    /// The distance; where y is z_i - r it is ln s, however small that is.
    func distance(from y: Double, slot: Int) -> Enclosure {
      exponentials.isDifference(y, slot)
        ? logSum.enclosure.magnitude()
        : enclosure(of: slot).distance(from: BigFloat(y), precision: precision)
    }
  }
}

/// r + ln s, the sink among the terms; one value for the lane.
enum ModifiedLogSumExpFunction: ModifiedFunction {
  static var operation: AuditedOperation { .logSumExp }

  static func special(_ lane: OperationLane) -> SpecialLane? {
    modified(lane).hasNaN ? .holdsNaN : nil
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? {
    let modified = modified(lane)
    if modified.infinityCount > 0 { return { _ in .positiveInfinity } }
    guard let first = modified.terms.first else { return { _ in .negativeInfinity } }
    let isZero = modified.constantCount == 1 && first.cap == nil && first.exact().isZero
    return isZero ? { _ in .balanced } : { _ in nil }
  }

  typealias Evaluation = LogitLogSumExp<ModifiedTerm>
}

extension LogitLogSumExp: KeptEvaluation, ModifiedEvaluation where Term == ModifiedTerm {}
