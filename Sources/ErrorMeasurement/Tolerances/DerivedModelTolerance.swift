import AuditedOperations
import FloatFormats
import Oracle
import SoftmaxVariants

/// The tolerance of a declared model of a loss, a gradient or a Jacobian: its bound, evaluated on
/// the lane.
package struct DerivedModelTolerance: Sendable {
  private let model: DerivedVariant
  private let input: FloatFormat
  private let output: FloatFormat
  private let underflow: UnderflowPolicy

  package init(
    model: DerivedVariant, input: FloatFormat, output: FloatFormat, underflow: UnderflowPolicy
  ) {
    self.model = model
    self.input = input
    self.output = output
    self.underflow = underflow
  }

  /// The tolerance; `nil` outside the domain of the model, of a loss of many lanes, and where
  /// results may be flushed or the logits are modified, of which the models know nothing.
  package func tolerance(of lane: OperationLane) -> LaneTolerance? {
    guard lane.reduction == .none, lane.modified == nil, underflow != .flush else { return nil }
    return model.bound(on: lane.numbers, input: input, output: output)
      .map { LaneTolerance(bounds: $0, mayVanish: []) }
  }
}

extension OperationLane {
  /// The inputs as plain numbers, in the order of the lane.
  fileprivate var numbers: LaneInputs<Double> {
    let first =
      operation.inputs.first == .probabilities
      ? probabilities
      : logits.slots.map { $0 < 0 ? -.infinity : logits.values[Int($0)] }
    return LaneInputs(
      first, upstream: upstream, target: isIgnored ? nil : target.map { Int($0) },
      classWeights: parameters.classWeights, labelSmoothing: parameters.labelSmoothing)
  }
}
