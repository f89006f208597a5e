import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle

extension Verification {
  /// Inputs of an operation and what somebody says are its outputs.
  package struct Pair: Sendable {
    /// The name of the inputs in results.
    package var family: String
    package var inputs: SavedInputs
    package var outputs: any LaneSource
    /// The parameters by which the outputs were computed, as rows tell of them; `nil` for the usual
    /// ones.
    package var parameters: RowParameters?
    /// The quantisations of the tensors by their roles.
    ///
    /// Those tensors are read as integers less the zero point; the scale of logits is a modifier of
    /// the inputs.
    package var quantizations: [String: Quantization] = [:]
    package var geometry: LaneGeometry { inputs.geometry }
    /// As many lanes, of as many numbers as a lane gives.
    let outputGeometry: LaneGeometry

    /// Logits and their softmax along an axis.
    ///
    /// - Throws: `UserError` where the shapes differ or have no such axis.
    package init(
      family: String, logits: any LaneSource, probabilities: any LaneSource, axis: Int
    ) throws(UserError) {
      try self.init(
        family: family, inputs: SavedInputs(.softmax, logits, axis: axis), outputs: probabilities)
    }

    /// Inputs and outputs of an operation.
    ///
    /// - Parameters:
    ///   - family: The name of the tensors in results.
    ///   - inputs: The inputs of the operation.
    ///   - outputs: Where a lane gives one number, the axis has length 1; where it gives a matrix,
    ///     the axis is there twice.
    /// - Throws: `UserError` where the shapes do not fit together.
    package init(
      family: String, inputs: SavedInputs, outputs: any LaneSource
    ) throws(UserError) {
      let operation = inputs.operation
      let shape = inputs.first.shape
      if let objection = inputs.geometry.objection {
        throw UserError(.malformedInput, "\(family) \(objection)")
      }
      let outputGeometry = try inputs.outputGeometry()
      switch operation.output.extent {
      case .matrix:
        self.outputs = try MatrixLanes(outputs, of: inputs.geometry)
      case .lane where outputs.shape != shape:
        throw UserError(
          .malformedInput,
          "the \(operation.inputs[0]) \(family) have the shape \(shape), the \(operation.output.role) \(outputs.shape); they must have the same"
        )
      case .one where outputs.shape != outputGeometry.shape:
        throw UserError(
          .malformedInput,
          inputs.reduction == .none
            ? "the \(operation.output.role) has the shape \(outputs.shape); of \(family), of shape \(shape), it has that without axis \(inputs.geometry.axis)"
            : "the \(operation.output.role) has the shape \(outputs.shape); the \(inputs.reduction) of all losses is one number"
        )
      case .lane, .one: self.outputs = outputs
      }
      self.family = family
      self.inputs = inputs
      self.outputGeometry = outputGeometry
    }
  }
}

extension Verification.Pair: VerifiedTensors {
  /// The number of elements that a thread takes at a time, where lanes are shorter.
  private static let chunk = 1 << 16

  /// The most lanes of a part.
  private var partSize: Int {
    let outputs = inputs.operation.outputCount(ofLength: geometry.length)
    return max(1, Self.chunk / max(geometry.length, outputs, 1))
  }

  package var partCount: Int { (inputs.outputLaneCount + partSize - 1) / partSize }

  /// The lanes of a part.
  func lanes(ofPart part: Int) -> Range<Int> {
    part * partSize..<min((part + 1) * partSize, inputs.outputLaneCount)
  }

  package func measurement(
    settings: MeasurementSettings, tier: OracleTier
  ) throws -> any VerifiedMeasuring {
    if let quantization = quantizations[inputs.operation.output.role] {
      return try inputs.first.format.open(
        StepOpening(pair: self, quantization: quantization, settings: settings))
    }
    return try inputs.first.format.open(
      with: outputs.format, Opening(pair: self, settings: settings, tier: tier))
  }

  private struct StepOpening: FormatGenericWork {
    let pair: Verification.Pair
    let quantization: Quantization
    let settings: MeasurementSettings

    func run<F: BinaryFloat>(_ format: F.Type) -> any VerifiedMeasuring {
      StepPairMeasurement<F>(pair, quantization, settings: settings)
    }
  }

  private struct Opening: FormatPairWork {
    let pair: Verification.Pair
    let settings: MeasurementSettings
    let tier: OracleTier

    func run<F: BinaryFloat, G: BinaryFloat>(
      _ input: F.Type, _ output: G.Type
    ) -> any VerifiedMeasuring {
      PairMeasurement<F, G>(pair, settings: settings, tier: tier)
    }
  }
}
