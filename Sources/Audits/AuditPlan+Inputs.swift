import AuditedOperations
import FloatFormats

extension AuditPlan {
  /// The inputs of an operation for lanes of logits.
  ///
  /// - Parameter family: The name of the logits.
  func inputs<F: BinaryFloat>(
    of operation: AuditedOperation, logits: Tensor<F>, family: String
  ) -> OperationInputs<F> {
    OperationInputs(of: operation, logits: logits, family: family, seed: seed)
  }
}

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
        let start = geometry.start(ofLane: number)
        for (index, value) in lane.enumerated() {
          first.elements[start + index * geometry.inner] = F(rounding: value)
        }
      }
    }
    self = AccompanyingInputs(seed: seed, family: family, length: logits.geometry.length)
      .inputs(of: operation, first)
  }
}
