import FloatFormats
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Laws
@testable import Policies

@Suite("What was inferred, tried against the laws")
struct InferenceTrialTests {
  /// What the errors of the plain max trick amount to.
  private static var finding: InferenceFinding {
    InferenceFinding(
      implementation: "altered", inputFormat: .float32, outputFormat: .float32, lanes: 100,
      longestLane: 131_072,
      model: ErrorModel(
        computing: .float32, exponentialUlps: 1, subtraction: .rounded, order: .sequential,
        accumulation: .float32, flushes: false),
      declare: "max-trick/sequential", ratio: Figure(0.5),
      budgets: [.init(length: 128, relative: Figure(1e-5), absolute: Figure(0), maxUlp: Figure(9))])
  }

  private func confirmed(
    _ implementation: AlteredSoftmax, by law: Law
  ) async throws -> InferenceFinding {
    var trial = InferenceTrial(
      implementations: [implementation], largestLogit: nil, seed: 1, threads: 2)
    trial.laws = [law]
    return try await trial.confirmed(Self.finding)
  }

  @Test("What keeps the laws is offered as it was inferred")
  func sound() async throws {
    #expect(try await confirmed(AlteredSoftmax(), by: .range) == Self.finding)
  }

  @Test("No model fits where the fourth of long lanes is zero, which families do not show")
  func fourthLane() async throws {
    let faulty = AlteredSoftmax { call, outputs in
      guard call.geometry.length > 4096, call.geometry.laneCount > 3 else { return }
      for place in call.geometry.places(ofLane: 3) { outputs[place] = 0 }
    }
    let found = try await confirmed(faulty, by: .longBatches)
    #expect(found.model == nil && found.declare == nil && found.budgets.isEmpty)
    let objection = try #require(found.objection)
    #expect(objection.contains("the law long-batches is broken: output "), "\(objection)")
    #expect(objection.contains(" of lane 3 is 0x0p+0"), "\(objection)")
  }

  @Test("A variant whose bound is exceeded is not to be declared; the model stands")
  func undeclared() async throws {
    // 6 ulp: more than the max trick may be off, and less than what any sound softmax may.
    let poor = AlteredSoftmax { _, outputs in
      for index in outputs.indices where outputs[index] < 0.5 {
        outputs[index] *= 1 + 6 * 0x1p-23
      }
    }
    let found = try await confirmed(poor, by: .componentwiseError)
    #expect(found.declare == nil)
    #expect(found.model == Self.finding.model && found.objection == nil)
  }
}
