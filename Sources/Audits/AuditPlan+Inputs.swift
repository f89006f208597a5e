import AuditedOperations
import FloatFormats

extension AuditPlan {
  /// The inputs of an operation for lanes of logits.
  ///
  /// - Parameter family: The name of the logits.
  func inputs<F: BinaryFloat>(
    of operation: AuditedOperation, logits: Tensor<F>, family: String
  ) -> OperationInputs<F> {
    guard operation.hasAccompanyingInputs else { return OperationInputs(logits) }
    var first = logits
    if operation.inputs.first == .probabilities {
      let geometry = logits.geometry
      for number in 0..<geometry.laneCount {
        let lane = operation.firstInput(
          of: logits.lane(number).map(\.exactDouble), in: F.format)
        let start = geometry.start(ofLane: number)
        for (index, value) in lane.enumerated() {
          first.elements[start + index * geometry.inner] = F(rounding: value)
        }
      }
    }
    return AccompanyingInputs(seed: seed, family: family, length: logits.geometry.length)
      .inputs(of: operation, first)
  }
}
