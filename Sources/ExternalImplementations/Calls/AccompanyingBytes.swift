import AuditedOperations
import Basics
import FloatFormats

/// The inputs of a call beside its first, as the bytes that implementations from outside get.
struct AccompanyingBytes {
  /// The derivatives by the outputs in the format of the first input, the targets as 64-bit
  /// integers, or the mask of modifiers.
  ///
  /// Row-major, of one element or more where the first input has any; modifiers may have no mask.
  var second: [UInt8]
  /// The size of an element of them.
  var elementSize: Int
  /// The parameters of a loss; `nil` for operations that have none.
  var loss: Loss?
  /// The modifiers of the logits; `nil` for none.
  var modifiers: ModifierBytes?

  /// The parameters of a loss and of its gradient.
  struct Loss {
    var labelSmoothing: Double
    var ignoreIndex: Int64
    /// The weights of the classes in the format of the logits; `nil` where all are 1.
    var classWeights: [UInt8]?
  }

  /// The bytes of what inputs have beside the first; `nil` where there is nothing.
  ///
  /// - Throws: ``UserError`` of kind `notMeasured` for modifiers that nobody can be asked for.
  init?<F: BinaryFloat>(_ inputs: OperationInputs<F>) throws(UserError) {
    if let modifiers = try ModifierBytes(inputs) {
      second = modifiers.mask ?? []
      elementSize = MemoryLayout<F>.size
      self.modifiers = modifiers
      return
    }
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

  /// Creates the bytes of modifiers.
  init(modifiers: ModifierBytes, elementSize: Int) {
    self.init(second: modifiers.mask ?? [], elementSize: elementSize, loss: nil)
    self.modifiers = modifiers
  }

  /// The class weights or the sinks: what a third input holds; `nil` where there is none.
  var third: [UInt8]? { loss?.classWeights ?? modifiers?.sink }
  /// The names of the second and the third input in messages.
  var names: (second: String, third: String) {
    modifiers == nil ? ("second input", "class weights") : ("mask", "sink")
  }

  /// Creates the bytes that a worker reads from memory.
  init(second: [UInt8], elementSize: Int, loss: Loss?) {
    self.second = second
    self.elementSize = elementSize
    self.loss = loss
  }
}
