import AuditedOperations
import FloatFormats

/// The inputs of a call beside its first, as the bytes that implementations from outside get.
struct AccompanyingBytes {
  /// The derivatives by the outputs in the format of the first input, or the targets as 64-bit
  /// integers; row-major, of one element or more where the first input has any.
  var second: [UInt8]
  /// The size of an element of them.
  var elementSize: Int
  /// The parameters of a loss; `nil` for operations that have none.
  var loss: Loss?

  /// The parameters of a loss and of its gradient.
  struct Loss {
    var labelSmoothing: Double
    var ignoreIndex: Int64
    /// The weights of the classes in the format of the logits; `nil` where all are 1.
    var classWeights: [UInt8]?
  }

  /// The bytes of what inputs have beside the first; `nil` where there is nothing.
  init?<F: BinaryFloat>(_ inputs: OperationInputs<F>) {
    if let upstream = inputs.upstream {
      second = upstream.withUnsafeBytes { [UInt8]($0) }
      elementSize = MemoryLayout<F>.size
      return
    }
    guard let targets = inputs.targets else { return nil }
    second = targets.withUnsafeBytes { [UInt8]($0) }
    elementSize = MemoryLayout<Int64>.size
    let parameters = inputs.parameters
    let weights = parameters.classWeights.map { $0.map { F(rounding: $0) } }
    loss = Loss(
      labelSmoothing: parameters.labelSmoothing, ignoreIndex: parameters.ignoreIndex,
      classWeights: weights.map { $0.withUnsafeBytes { [UInt8]($0) } })
  }

  /// Creates the bytes that a worker reads from memory.
  init(second: [UInt8], elementSize: Int, loss: Loss?) {
    self.second = second
    self.elementSize = elementSize
    self.loss = loss
  }
}
