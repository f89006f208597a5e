import Basics
import FloatFormats

extension OperationInputs {
  /// The inputs of an operation for lanes of logits, as audits and searches give them.
  ///
  /// - Parameters:
  ///   - family: The name of the logits.
  ///   - seed: That of the audit, or of the lane that a search has made.
  ///   - given: The parameters of a loss that somebody asked for. With a target that is ignored
  ///     about a quarter of the lanes has it.
  package init(
    of operation: AuditedOperation, logits: Tensor<F>, family: String, seed: UInt64,
    given: GivenLoss = .none
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
          of: logits.lane(number).exactDoubles, in: F.format)
        geometry.place([F](rounding: lane), asLane: number, in: &first.elements)
      }
    }
    var rule = AccompanyingInputs(seed: seed, family: family, length: logits.geometry.length)
    rule.given = given
    rule.ignoresLanes = given.ignoreIndex != nil
    self = rule.inputs(of: operation, first)
  }

  /// The inputs of one call with the lanes of several calls, one after the other.
  ///
  /// - Parameter calls: Inputs of one operation, one lane each, of one length and without
  ///   modifiers; the parameters of the first hold for all.
  package init(joining calls: [OperationInputs]) throws(UserError) {
    let length = calls.first?.first.geometry.length ?? 0
    let parameters = calls.first?.parameters ?? CrossEntropyParameters()
    precondition(
      calls.allSatisfy {
        $0.first.geometry.laneCount == 1 && $0.first.geometry.length == length
          && $0.parameters == parameters && $0.modifiers.isNone
      }, "calls that are joined have lanes of one kind")
    let upstream = calls.compactMap(\.upstream)
    let targets = calls.compactMap(\.targets)
    self.init(
      Tensor(
        geometry: try LaneGeometry(shape: [calls.count, length], axis: 1),
        elements: calls.flatMap(\.first.elements)),
      upstream: upstream.isEmpty ? nil : upstream.flatMap(\.self),
      targets: targets.isEmpty ? nil : targets.flatMap(\.self), parameters: parameters)
  }
}
