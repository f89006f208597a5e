import AuditedOperations
import FloatFormats
import SoftmaxVariants
import Synchronization

/// A sound softmax to whose outputs something is done; without that, it is the sound one.
///
/// It declares no model, so that the laws judge it by what every sound form keeps to.
package final class AlteredSoftmax: SoftmaxImplementation {
  /// A call with its logits, before the answer goes back.
  package struct Call {
    /// The number of the call, from 1, since the implementation was made or renewed.
    package let number: Int
    package let format: FloatFormat
    package let layout: TensorLayout
    package let geometry: LaneGeometry
    package let logits: [Double]
  }

  package typealias Alteration = @Sendable (_ call: Call, _ outputs: inout [Double]) throws -> Void

  package let name = "altered"
  package let summary = "the max trick, with something done to its outputs"
  package let formats = FloatFormat.allCases
  package let operation: AuditedOperation
  package let layouts: [TensorLayout]
  package let underflow: UnderflowPolicy
  private let misconduct: [Misconduct]
  private let alteration: Alteration
  private let calls = Mutex(0)

  package init(
    of operation: AuditedOperation = .softmax, layouts: [TensorLayout] = [.rowMajor],
    underflow: UnderflowPolicy = .gradual,
    misconduct: [Misconduct] = [], _ alteration: @escaping Alteration = { _, _ in }
  ) {
    self.operation = operation
    self.layouts = layouts
    self.underflow = underflow
    self.misconduct = misconduct
    self.alteration = alteration
  }

  /// Does something to the outputs of every lane, which it is told with its logits.
  package static func inEveryLane(
    of operation: AuditedOperation = .softmax,
    _ change: @escaping @Sendable (_ logits: [Double], _ outputs: inout [Double]) -> Void
  ) -> AlteredSoftmax {
    AlteredSoftmax(of: operation) { call, outputs in
      let geometry = operation.outputGeometry(for: call.geometry)
      for number in 0..<geometry.laneCount {
        let places = geometry.places(ofLane: number)
        var lane = places.map { outputs[$0] }
        change(call.geometry.places(ofLane: number).map { call.logits[$0] }, &lane)
        for (place, output) in zip(places, lane) { outputs[place] = output }
      }
    }
  }

  package func renewed() throws -> any SoftmaxImplementation {
    AlteredSoftmax(
      of: operation, layouts: layouts, underflow: underflow, misconduct: misconduct, alteration)
  }

  package func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try answer(to: inputs, laidOut: .rowMajor, as: output).probabilities
  }

  package func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    let logits = inputs.first
    let number = calls.withLock { calls in
      calls += 1
      return calls
    }
    let name = operation == .logSoftmax ? "logsumexp-shifted" : "max-trick"
    // Losses, gradients and Jacobians have sound forms alone.
    let sound =
      SoftmaxVariant(named: name, of: operation).map { BuiltInImplementation($0) }
      ?? BuiltInImplementation.all(of: operation)[0]
    let right = try sound.outputs(for: inputs, as: output)
    var outputs = right.elements.map(\.exactDouble)
    let call = Call(
      number: number, format: F.format, layout: layout, geometry: logits.geometry,
      logits: logits.elements.map(\.exactDouble))
    try alteration(call, &outputs)
    return SoftmaxAnswer(
      Tensor(geometry: right.geometry, elements: outputs.map { G(rounding: $0) }),
      misconduct: misconduct)
  }
}
