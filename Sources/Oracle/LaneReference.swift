import AuditedOperations
import FloatFormats

/// The exact values of an operation on a lane, located in an output format by the arbiter.
public struct LaneReference: Sendable {
  /// The inputs as the oracle saw them.
  public let inputs: OperationLane
  /// The output format in which values are located.
  public let format: FloatFormat
  /// The reason why the lane has no value, if it has none.
  public let special: SpecialLane?
  /// The value of each slot; empty for special lanes.
  public let values: [ExactValue]
  /// The number of slots that needed more than the first working precision.
  public let refinements: Int
  /// For each output the slot of its value; empty for special lanes.
  @usableFromInline
  let slots: [Int32]

  init(
    inputs: OperationLane, slots: [Int32], format: FloatFormat, special: SpecialLane?,
    values: [ExactValue], refinements: Int
  ) {
    self.inputs = inputs
    self.slots = slots
    self.format = format
    self.special = special
    self.values = values
    self.refinements = refinements
  }

  /// The reference of a softmax, which has a slot for each distinct logit.
  init(
    softmaxOf logits: DistinctLogits, format: FloatFormat, special: SpecialLane?,
    values: [ExactValue], refinements: Int
  ) {
    self.init(
      inputs: OperationLane(.softmax, logits), slots: logits.slots, format: format,
      special: special, values: values, refinements: refinements)
  }
}

extension LaneReference: ExactLane {
  public var operation: AuditedOperation { inputs.operation }
  public var count: Int { inputs.outputCount }

  @inlinable
  public func slot(at index: Int) -> Int { Int(slots[index]) }

  @inlinable
  public func value(at index: Int) -> ExactValue {
    let slot = slots[index]
    guard slot == DistinctLogits.masked else { return values[Int(slot)] }
    return inputs.operation.output.masked == 0 ? .zero : .negativeInfinity
  }

  /// The exponent of the ulp of the largest value, which is that of the first distinct logit.
  public var topQuantumExponent: Int {
    // Capped logits that binary64 does not tell apart may stand in any order.
    guard inputs.modified == nil else { return values.map { Int($0.quantumExponent) }.max() ?? 0 }
    return values.first.map { Int($0.quantumExponent) } ?? 0
  }
}
