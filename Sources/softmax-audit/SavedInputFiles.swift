import AuditRecords
import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats

/// The files that hold the inputs of an operation, by role, and its parameters.
struct SavedInputFiles {
  let operation: AuditedOperation
  /// The file of the first input, logits or probabilities.
  let first: String
  /// `nil` where the operation takes none.
  let upstream, targets: String?
  let parameters: LossParameterOptions
  let modifiers: ModifierOptions

  /// The files that hold numbers of an audited format.
  var tensors: [String] { [first] + [upstream, parameters.classWeights].compactMap { $0 } }

  /// All files.
  var all: [String] { tensors + [targets].compactMap { $0 } }

  /// Reads the inputs, and says by which parameters their outputs are computed; `nil` for the usual
  /// ones.
  ///
  /// - Parameters:
  ///   - axis: The axis of the lanes.
  ///   - integers: The format that 16-bit integers are the bit patterns of; `nil` for none.
  ///   - raw: What files that say nothing of themselves hold; `nil` where there are none.
  ///   - quantized: The quantisations of tensors by their roles.
  /// - Throws: ``UserError`` of kind `malformedInput` where files hold something else or do not fit
  ///   together.
  func read(
    axis: Int, integersAre integers: FloatFormat?, raw: RawTensor? = nil,
    quantized: [String: Quantization] = [:]
  ) throws -> (inputs: SavedInputs, parameters: RowParameters?) {
    func read(_ name: String) throws -> SavedTensor {
      try SavedTensor.read(name, integersAre: integers, raw: raw)
    }
    let quantization = quantized[operation.inputs[0].rawValue]
    let first: any LaneSource =
      if let quantization {
        try QuantizedTensor.read(first, quantization)
      } else {
        try read(first)
      }
    let geometry = try LaneGeometry(shape: first.shape, axis: axis)
    let upstream = try upstream.map { name in
      let tensor = try read(name)
      return tensor.withShape(first.shape) ?? tensor
    }
    let loss = try parameters.given(integersAre: integers, raw: raw)
    let given = try modifiers.given(in: first.format)
    let reduction = parameters.reduction ?? .none
    var scaled = try given.modifiers(of: geometry, in: first.format)
    if let quantization { try scaled.multiply(by: quantization) }
    let inputs = try SavedInputs(
      operation, first, axis: axis, upstream: upstream,
      targets: try targets.map { try classNumbers(in: $0, of: first.shape, axis: axis) } ?? [],
      parameters: loss.replacing(in: CrossEntropyParameters()), reduction: reduction,
      modifiers: scaled)
    modifiers.sayWhatIsTaken(of: geometry, in: first.format)
    return (inputs, RowParameters(given, loss, reduction: reduction, quantised: quantized))
  }

  /// The class numbers in a file, one for each lane.
  private func classNumbers(in name: String, of shape: [Int], axis: Int) throws -> [Int64] {
    let geometry = try LaneGeometry(shape: shape, axis: axis)
    let targets = try SavedIntegers.read(name)
    var wanted = shape
    wanted.remove(at: geometry.axis)
    guard targets.shape.filter({ $0 != 1 }) == wanted.filter({ $0 != 1 }) else {
      throw UserError(
        .malformedInput,
        "\(name) has the shape \(targets.shape); targets of logits of shape \(shape) along axis \(geometry.axis) have \(wanted)"
      )
    }
    return targets.values
  }
}
