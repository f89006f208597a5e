import AuditedOperations
import FloatFormats

extension OperationInputs {
  /// The inputs of an operation for lanes of logits, as audits give them.
  ///
  /// - Parameters:
  ///   - family: The name of the logits.
  ///   - seed: That of the audit.
  package init(
    of operation: AuditedOperation, logits: Tensor<F>, family: String, seed: UInt64
  ) {
    guard operation.hasAccompanyingInputs else {
      self.init(logits)
      return
    }
    var first = logits
    if operation.inputs.first == .probabilities {
      let geometry = logits.geometry
      for number in 0..<geometry.laneCount {
        let lane = operation.firstInput(
          of: logits.lane(number).map(\.exactDouble), in: F.format)
        geometry.place(lane.map { F(rounding: $0) }, asLane: number, in: &first.elements)
      }
    }
    self = AccompanyingInputs(seed: seed, family: family, length: logits.geometry.length)
      .inputs(of: operation, first)
  }
}
