import FloatFormats
import PropertyTesting
import SoftmaxVariants
import Synchronization
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Laws

/// A sound softmax to whose outputs something is done; without that, it is the sound one.
///
/// It declares no model, so that the laws judge it by what every sound form keeps to.
final class AlteredSoftmax: SoftmaxImplementation {
  /// A call with its logits, before the answer goes back.
  struct Call {
    /// The number of the call, from 1, since the implementation was made or renewed.
    let number: Int
    let format: FloatFormat
    let layout: TensorLayout
    let geometry: LaneGeometry
    let logits: [Double]
  }

  typealias Alteration = @Sendable (_ call: Call, _ outputs: inout [Double]) throws -> Void

  let name = "altered"
  let summary = "the max trick, with something done to its outputs"
  let formats = FloatFormat.allCases
  let operation: AuditedOperation
  let layouts: [TensorLayout]
  let underflow: UnderflowPolicy
  private let misconduct: [Misconduct]
  private let alteration: Alteration
  private let calls = Mutex(0)

  init(
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
  static func inEveryLane(
    of operation: AuditedOperation = .softmax,
    _ change: @escaping @Sendable (_ logits: [Double], _ outputs: inout [Double]) -> Void
  ) -> AlteredSoftmax {
    AlteredSoftmax(of: operation) { call, outputs in
      let geometry = operation.outputGeometry(for: call.geometry)
      for number in 0..<geometry.laneCount {
        var lane = geometry.lane(number, of: outputs)
        change(call.geometry.lane(number, of: call.logits), &lane)
        for (place, output) in zip(geometry.places(ofLane: number), lane) {
          outputs[place] = output
        }
      }
    }
  }

  func renewed() throws -> any SoftmaxImplementation {
    AlteredSoftmax(
      of: operation, layouts: layouts, underflow: underflow, misconduct: misconduct, alteration)
  }

  func outputs<F: BinaryFloat, G: BinaryFloat>(
    for inputs: OperationInputs<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try answer(to: inputs, laidOut: .rowMajor, as: output).probabilities
  }

  func answer<F: BinaryFloat, G: BinaryFloat>(
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
      try SoftmaxVariant(named: name, of: operation).map { BuiltInImplementation($0) }
      ?? #require(BuiltInImplementation.all(of: operation).first)
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

/// The row of a law that was checked on cases as it makes them, few of them at random.
func row(
  of law: Law, on implementation: any SoftmaxImplementation, in format: FloatFormat = .float32,
  repeats: Int? = nil
) async throws -> PropertyRow {
  var settings = CheckSettings()
  settings.repeats = repeats
  var plan = CheckPlan(
    implementations: [implementation], formats: [format], laws: [law], effort: 0.1,
    settings: settings)
  plan.namedLaws = [law.name]
  // Shrinking has tests of its own.
  plan.stopsAtFirstFailure = true
  return try #require(try await Check(plan).run().first)
}

/// Expects that a law finds nothing in the sound softmax, and something in another.
func expect(
  _ law: Law, finds altered: any SoftmaxImplementation, in format: FloatFormat = .float32,
  repeats: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let sound = AlteredSoftmax(of: altered.operation, layouts: altered.layouts)
  let kept = try await row(of: law, on: sound, in: format, repeats: repeats)
  #expect(
    kept.verdict == .passed, "\(law.name): \(kept.reason ?? "")", sourceLocation: sourceLocation)
  #expect(kept.cases > 0, sourceLocation: sourceLocation)
  let broken = try await row(of: law, on: altered, in: format, repeats: repeats)
  #expect(broken.verdict == .failed, "\(law.name)", sourceLocation: sourceLocation)
}

/// Expects that a law finds nothing in the sound softmax on one case, and something in another.
///
/// For laws that go through long lists of large cases.
func expect(
  _ law: Law, finds altered: any SoftmaxImplementation, on input: LawCase,
  in format: FloatFormat = .float32, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(law.form.permits(input), sourceLocation: sourceLocation)
  for (implementation, isSound) in [
    (AlteredSoftmax(of: altered.operation), true), (altered, false),
  ]
    as [(any SoftmaxImplementation, Bool)]
  {
    let subject = Subject(
      implementation, input: format, output: nil, settings: CheckSettings())
    let trial = LawTrial(subject, implementation: implementation, references: ReferenceCache())
    var notes = Observations()
    switch try law.check(input, trial, &notes) {
    case .kept: #expect(isSound, "\(law.name) is kept", sourceLocation: sourceLocation)
    case .broken(let violation):
      #expect(!isSound, "\(law.name): \(violation.sentence)", sourceLocation: sourceLocation)
    case .inapplicable(let reason):
      Issue.record("\(law.name) says nothing: \(reason)", sourceLocation: sourceLocation)
    }
  }
}
