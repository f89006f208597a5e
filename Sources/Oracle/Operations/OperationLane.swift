import AuditedOperations
import FloatFormats

/// The inputs of an operation on one lane, as the oracle sees them.
public struct OperationLane: Sendable {
  public let operation: AuditedOperation
  /// The logits of the lane, sorted; empty for an operation that takes none.
  public let logits: DistinctLogits
  /// The stored probabilities; empty for an operation that takes none.
  public let probabilities: [Double]
  /// The derivatives by the outputs, as many as the lane is long; empty for an operation that
  /// takes none.
  public let upstream: [Double]
  /// The class number; `nil` for an operation that takes none.
  public let target: Int64?
  /// The parameters of a cross-entropy.
  public let parameters: CrossEntropyParameters
  /// The rule by which the losses of ``parts`` become one; `none` for a lane that stands for
  /// itself.
  public let reduction: LossReduction
  /// The lanes whose losses are reduced.
  public let parts: [OperationLane]
  /// The logits with their modifiers; `nil` where there are none.
  ///
  /// Then ``logits`` are what they come to without the sink, good to binary64: for sizes and
  /// tolerances, and for no exact value.
  public let modified: ModifiedLogits?
  /// The row of attention, with one of its outputs; `nil` for another operation.
  package let attention: AttentionLane?

  /// The identity that copies of the inputs share and no others have.
  let identity = LaneIdentity()

  /// The lane of an operation whose one input is logits.
  public init(_ operation: AuditedOperation, _ logits: DistinctLogits) {
    precondition(operation.inputs == [.logits], "\(operation.name) has other inputs")
    self.init(operation, logits: logits)
  }

  /// The lane given as binary64 numbers, which hold every format.
  public init(_ operation: AuditedOperation, exactly logits: [Double]) {
    self.init(operation, DistinctLogits(exactly: logits))
  }

  /// A lane whose logits have modifiers.
  public init(_ operation: AuditedOperation, _ modified: ModifiedLogits) {
    precondition(operation.takesModifiers, "\(operation.name) has no modifiers")
    self.init(
      operation, logits: DistinctLogits(exactly: modified.approximations), modified: modified)
  }

  /// A lane of logits, with the derivatives by the outputs.
  public init(_ operation: AuditedOperation, logits: DistinctLogits, upstream: [Double]) {
    precondition(operation.inputs == [.logits, .upstream] && upstream.count == logits.count)
    self.init(operation, logits: logits, values: upstream)
  }

  /// A lane of stored probabilities, with the derivatives by them.
  public init(_ operation: AuditedOperation, probabilities: [Double], upstream: [Double]) {
    precondition(
      operation.inputs == [.probabilities, .upstream] && upstream.count == probabilities.count)
    self.init(
      operation, logits: DistinctLogits(exactly: []), probabilities: probabilities,
      values: upstream)
  }

  /// A lane of logits with its class.
  ///
  /// - Parameters:
  ///   - target: From 0 to n - 1, or the ignored one.
  ///   - parameters: With as many weights as there are logits.
  public init(
    _ operation: AuditedOperation, logits: DistinctLogits, target: Int64,
    _ parameters: CrossEntropyParameters = CrossEntropyParameters()
  ) {
    precondition(
      target == parameters.ignoreIndex || (0..<Int64(logits.count)).contains(target),
      "the target \(target) is no class")
    precondition(operation.inputs == [.logits, .targets])
    self.init(operation, logits: logits, target: target, parameters: parameters)
  }

  /// The one loss of many lanes.
  ///
  /// - Parameter parts: The inputs of a cross-entropy, each lane with the same parameters.
  public init(reducing parts: [OperationLane], by reduction: LossReduction) {
    precondition(reduction != .none && parts.allSatisfy { $0.operation == .crossEntropy })
    self.init(
      .crossEntropy, logits: DistinctLogits(exactly: []),
      parameters: parts.first?.parameters ?? CrossEntropyParameters(), reduction: reduction,
      parts: parts)
  }

  /// A row of attention, of which one output is asked for.
  package init(_ row: AttentionRow, _ part: AttentionPart) {
    self.init(
      .attention, logits: DistinctLogits(exactly: []), attention: AttentionLane(row, part))
  }

  private init(
    _ operation: AuditedOperation, logits: DistinctLogits, probabilities: [Double] = [],
    values upstream: [Double] = [], target: Int64? = nil,
    parameters: CrossEntropyParameters = CrossEntropyParameters(),
    reduction: LossReduction = .none, parts: [OperationLane] = [],
    modified: ModifiedLogits? = nil, attention: AttentionLane? = nil
  ) {
    self.modified = modified
    self.attention = attention
    self.reduction = reduction
    self.parts = parts
    self.operation = operation
    self.logits = logits
    self.probabilities = probabilities
    self.upstream = upstream
    self.target = target
    self.parameters = parameters
  }

  /// The length of the lane.
  public var length: Int {
    if let attention { return attention.row.head.count }
    return operation.inputs.contains(.logits) ? logits.count : probabilities.count
  }

  /// The number of outputs.
  package var outputCount: Int {
    attention?.outputCount ?? operation.outputCount(ofLength: length)
  }

  /// Whether the target is the one that is ignored.
  public var isIgnored: Bool { target == parameters.ignoreIndex }

  /// The weight of the target of a lane that counts, 0 of one that is ignored.
  public var targetWeight: Double {
    guard let target, !isIgnored else { return 0 }
    return parameters.weight(Int(target))
  }

  /// Whether the lane is one of a loss, or of its gradient, whose coefficients are all 0.
  package var hasOnlyZeroWeights: Bool {
    guard operation == .crossEntropy || operation == .crossEntropyVJP, target != nil, !isIgnored
    else { return false }
    return CrossEntropyTerms(self).areNone
  }

  /// For each output the slot of its exact value; `DistinctLogits.masked` for that of a logit of
  /// -inf.
  public var slots: [Int32] { function.slots(of: self) }

  /// The reason why the lane has no value; `nil` where it has one.
  public var lackOfValue: SpecialLane? { function.special(self) }

  /// The count of numbers that share one value in a constant lane, so that every probability is its
  /// reciprocal; `nil` for another lane.
  public var constantCount: UInt64? {
    if let modified { return modified.constantCount }
    if let attention { return attention.scores.constantCount }
    return logits.values.count == 1 ? logits.multiplicities[0] : nil
  }

  /// The same inputs with each NaN among the logits hidden: -inf in its place.
  public func withoutNaNs() -> OperationLane {
    if let modified { return OperationLane(operation, modified.hidingNaNs()) }
    if attention != nil { return self }
    let lane = logits.slots.map { $0 >= 0 ? logits.values[Int($0)] : -Double.infinity }
    return replacing(logits: DistinctLogits(exactly: lane))
  }

  /// The same inputs with other logits, of a lane without modifiers.
  public func replacing(logits: DistinctLogits) -> OperationLane {
    OperationLane(
      operation, logits: logits, probabilities: probabilities, values: upstream, target: target,
      parameters: parameters, reduction: reduction, parts: parts)
  }

  /// The exact function of the operation.
  var function: any ExactFunction.Type {
    if modified != nil { return ModifiedFunctions.function(of: operation) }
    if let attention { return AttentionFunctions.function(of: attention.part) }
    return reduction == .none
      ? ExactFunctions.function(of: operation) : ReducedLossFunction.self
  }
}
