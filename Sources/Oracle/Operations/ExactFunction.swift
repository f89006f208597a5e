import AuditedOperations
import FloatFormats
import MultiPrecision

/// The exact outputs of an operation on a lane.
///
/// Different outputs with one exact value share a *slot*: equal logits have equal probabilities.
/// Where nothing is known of that, each output has a slot of its own. To add an operation's, add a
/// type that conforms, and name it in ``ExactFunctions``.
protocol ExactFunction: SendableMetatype {
  static var operation: AuditedOperation { get }

  /// The reason why a lane has no value; `nil` where it has one.
  static func special(_ lane: OperationLane) -> SpecialLane?

  /// For each output the slot of its exact value; `DistinctLogits.masked` for that of a logit of
  /// -inf.
  static func slots(of lane: OperationLane) -> [Int32]

  /// The number of slots of a lane that is not special.
  static func slotCount(of lane: OperationLane) -> Int

  /// A value that algebra tells: an exact zero, or an infinity; `nil` for all others.
  static func knownValue(of slot: Int, _ lane: OperationLane) -> ExactValue?

  /// The values that algebra tells, by slot, where one look at the lane serves all.
  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue?

  /// Enclosures of the values at one working precision.
  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation
}

/// The values of a lane at one working precision.
protocol ExactEvaluation {
  var precision: Int { get }

  /// An enclosure of the value of a slot.
  func enclosure(of slot: Int) -> Enclosure

  /// An enclosure of |y - v|, v the value of a slot.
  ///
  /// Where no precision tells y from v, because both agree to any number of bits, it is made by
  /// algebra.
  func distance(from y: Double, slot: Int) -> Enclosure

  /// An enclosure of the yardstick of a slot: the size of the terms that its value is made of.
  ///
  /// It is relative to this that a sound implementation is accurate, where terms cancel too.
  func yardstick(of slot: Int) -> Enclosure
}

extension ExactFunction {
  static func slots(of lane: OperationLane) -> [Int32] {
    (0..<Int32(lane.outputCount)).map { $0 }
  }

  static func slotCount(of lane: OperationLane) -> Int { lane.outputCount }

  static func knownValue(of slot: Int, _ lane: OperationLane) -> ExactValue? {
    knownValues(of: lane)(slot)
  }

  static func knownValues(of lane: OperationLane) -> (Int) -> ExactValue? { { _ in nil } }
}

extension ExactEvaluation {
  func distance(from y: Double, slot: Int) -> Enclosure {
    enclosure(of: slot).distance(from: BigFloat(y), precision: precision)
  }
}

/// The exact functions of all operations.
enum ExactFunctions {
  private static let all: [any ExactFunction.Type] = [
    SoftmaxFunction.self, LogSoftmaxFunction.self, LogSumExpFunction.self,
    CrossEntropyFunction.self, SoftmaxVJPFunction.self, SoftmaxBackwardFunction.self,
    LogSoftmaxVJPFunction.self, CrossEntropyVJPFunction.self, SoftmaxJacobianFunction.self,
  ]

  static func function(of operation: AuditedOperation) -> any ExactFunction.Type {
    guard let found = all.first(where: { $0.operation == operation }) else {
      preconditionFailure("\(operation.name) has no exact function")
    }
    return found
  }
}

extension ExactFunction {
  /// The reason why a lane has no probabilities: a NaN, a +inf, or only -inf.
  static func lackOfProbabilities(_ lane: OperationLane) -> SpecialLane? {
    let logits = lane.logits
    if logits.hasNaN { return .holdsNaN }
    if logits.infinityCount > 0 { return .holdsInfinity }
    return logits.finiteCount == 0 && logits.count > 0 ? .fullyMasked : nil
  }

  /// The reason why a lane has no value because of another input than logits: a NaN, or an
  /// infinity.
  static func lackOfNumbers(_ values: [Double]) -> SpecialLane? {
    if values.contains(where: \.isNaN) { return .holdsNaN }
    return values.contains(where: \.isInfinite) ? .holdsInfinity : nil
  }
}
