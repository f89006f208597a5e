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

  package init(model: DerivedVariant, input: FloatFormat, output: FloatFormat) {
    self.model = model
    self.input = input
    self.output = output
  }

  /// The tolerance; `nil` outside the domain of the model, and of a loss of many lanes.
  package func tolerance(of lane: OperationLane) -> LaneTolerance? {
    guard lane.reduction == .none else { return nil }
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
