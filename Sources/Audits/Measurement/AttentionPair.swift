import AuditedOperations
import Basics
import FloatFormats

/// Inputs of an attention and numbers that are to be one of its outputs.
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
