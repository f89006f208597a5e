import AuditedOperations
import FloatFormats

/// The inputs of an operation on one lane, as the oracle sees them.
public struct OperationLane: Sendable {
  public let operation: AuditedOperation
  /// The lane, sorted.
  public let logits: DistinctLogits

  public init(_ operation: AuditedOperation, _ logits: DistinctLogits) {
    self.operation = operation
    self.logits = logits
  }

  /// The lane given as binary64 numbers, which hold every format.
  public init(_ operation: AuditedOperation, exactly logits: [Double]) {
    self.init(operation, DistinctLogits(exactly: logits))
  }

  /// The number of outputs.
  public var outputCount: Int { operation.outputCount(ofLength: logits.count) }

  /// The exact function of the operation.
  var function: any ExactFunction.Type { ExactFunctions.function(of: operation) }
}
