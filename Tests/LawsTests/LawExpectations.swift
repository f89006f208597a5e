import FloatFormats
import PropertyTesting
import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Laws

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
