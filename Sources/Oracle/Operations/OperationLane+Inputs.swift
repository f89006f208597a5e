import AuditedOperations
import FloatFormats

extension OperationLane {
  /// The lane of any operation.
  ///
  /// - Parameters:
  ///   - first: The logits, or the stored probabilities.
  ///   - upstream: The derivatives by the outputs, where the operation takes them.
  ///   - target: The class, where the operation takes one; the ignored one where none is given.
  ///   - parameters: Those of a loss.
  ///   - modifiers: What becomes of the logits, where the operation has modifiers.
  public init<F: BinaryFloat>(
    _ operation: AuditedOperation, first: [F], upstream: [Double] = [], target: Int64? = nil,
    _ parameters: CrossEntropyParameters = CrossEntropyParameters(),
    modifiers: LaneModifiers = .none
  ) {
    if !modifiers.isNone {
      self.init(operation, ModifiedLogits(first.map { $0.exactDouble }, modifiers))
    } else if operation.inputs.first == .probabilities {
      self.init(operation, probabilities: first.map { $0.exactDouble }, upstream: upstream)
    } else if operation.inputs.contains(.upstream) {
      self.init(operation, logits: DistinctLogits(of: first), upstream: upstream)
    } else if operation.inputs.contains(.targets) {
      self.init(
        operation, logits: DistinctLogits(of: first), target: target ?? parameters.ignoreIndex,
        parameters)
    } else {
      self.init(operation, DistinctLogits(of: first))
    }
  }

  /// The lane of a first input, with the inputs beside it that a rule makes of it.
  ///
  /// - Parameters:
  ///   - lane: Logits or probabilities, numbers of the format.
  ///   - format: The format of the derivatives by the outputs.
  package init(
    _ operation: AuditedOperation, exactly lane: [Double], accompanied rule: AccompanyingInputs,
    in format: FloatFormat
  ) {
    let takesUpstream = operation.inputs.contains(.upstream)
    let takesTarget = operation.inputs.contains(.targets)
    self.init(
      operation, first: lane, upstream: takesUpstream ? rule.upstream(of: lane, in: format) : [],
      target: takesTarget ? rule.target(of: lane) : nil,
      takesTarget ? rule.parameters(ofLength: lane.count) : CrossEntropyParameters(),
      modifiers: rule.modifiers?.lane(of: lane, in: format) ?? .none)
  }

  /// The lane with the inputs of a call.
  ///
  /// - Parameter parameters: Those of a loss, with the ignored target, which the lane's inputs do
  ///   not tell.
  public init<F: BinaryFloat>(
    _ operation: AuditedOperation, _ lane: LaneInputs<F>, _ parameters: CrossEntropyParameters
  ) {
    self.init(
      operation, first: lane.first, upstream: lane.upstream.map { $0.exactDouble },
      target: lane.target.map(Int64.init), parameters, modifiers: lane.modifiers)
  }
}
