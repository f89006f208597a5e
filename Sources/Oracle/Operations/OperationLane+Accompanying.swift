import AuditedOperations
import FloatFormats

extension OperationLane {
  /// The lane of a first input, with the inputs beside it that a rule makes of it.
  ///
  /// - Parameters:
  ///   - lane: Logits or probabilities, numbers of the format.
  ///   - format: The format of the derivatives by the outputs.
  public init(
    _ operation: AuditedOperation, exactly lane: [Double], accompanied rule: AccompanyingInputs,
    in format: FloatFormat
  ) {
    if operation.inputs.first == .probabilities {
      self.init(
        operation, probabilities: lane, upstream: rule.upstream(of: lane, in: format))
    } else if operation.inputs.contains(.upstream) {
      self.init(
        operation, logits: DistinctLogits(exactly: lane),
        upstream: rule.upstream(of: lane, in: format))
    } else if operation.inputs.contains(.targets) {
      self.init(
        operation, logits: DistinctLogits(exactly: lane), target: rule.target(of: lane),
        rule.parameters(ofLength: lane.count))
    } else {
      self.init(operation, exactly: lane)
    }
  }
}

extension OperationLane {
  /// The lane of an operation of several inputs.
  ///
  /// - Parameter parameters: Those of a loss, with the ignored target, which the lane's inputs do not
  ///   tell.
  public init<F: BinaryFloat>(
    _ operation: AuditedOperation, _ lane: LaneInputs<F>, _ parameters: CrossEntropyParameters
  ) {
    if operation.inputs.first == .probabilities {
      self.init(
        operation, probabilities: lane.first.map(\.exactDouble),
        upstream: lane.upstream.map(\.exactDouble))
    } else if operation.inputs.contains(.upstream) {
      self.init(
        operation, logits: DistinctLogits(of: lane.first),
        upstream: lane.upstream.map(\.exactDouble))
    } else {
      self.init(
        operation, logits: DistinctLogits(of: lane.first),
        target: lane.target.map(Int64.init) ?? parameters.ignoreIndex, parameters)
    }
  }
}
