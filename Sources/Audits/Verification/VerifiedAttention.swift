import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle

extension Verification {
  /// Inputs of an attention and what somebody says is one of its outputs.
  package struct AttentionPair: Sendable {
    /// The name of the inputs in results.
    package let family: String
    package let inputs: SavedAttention
    package let part: AttentionPart
    package let outputs: any LaneSource
    /// The outputs as lanes of a row each.
    let geometry: LaneGeometry

    /// - Parameter outputs: Lanes of a row each, see ``SavedAttention/laneShape(of:)``.
    /// - Throws: `UserError` of kind `malformedInput` where the shapes do not fit.
    package init(
      family: String, inputs: SavedAttention, part: AttentionPart, outputs: any LaneSource
    ) throws(UserError) {
      guard outputs.shape == inputs.laneShape(of: part) else {
        throw UserError(
          .malformedInput,
          "the \(part.rawValue) has the shape \(outputs.shape); of query \(inputs.query.shape), key \(inputs.key.shape) and value \(inputs.value.shape) it is \(inputs.shape(of: part))"
        )
      }
      self.family = family
      self.inputs = inputs
      self.part = part
      self.outputs = outputs
      geometry = try LaneGeometry(shape: outputs.shape, axis: -1)
    }
  }
}

extension Verification.AttentionPair: VerifiedTensors {
  package var partCount: Int { AttentionParts(inputs.shape).count }

  package func measurement(
    settings: MeasurementSettings, tier: OracleTier
  ) throws -> any VerifiedMeasuring {
    try outputs.format.open(Opening(pair: self, settings: settings, tier: tier))
  }

  private struct Opening: FormatGenericWork {
    let pair: Verification.AttentionPair
    let settings: MeasurementSettings
    let tier: OracleTier

    func run<G: BinaryFloat>(_ format: G.Type) -> any VerifiedMeasuring {
      AttentionMeasurement<G>(pair, settings: settings, tier: tier)
    }
  }
}
