import Testing

@testable import Basics

@Suite("The end of a run")
struct RunOutcomeTests {
  /// Each status by itself, in the order of the design page.
  private let outcomes: [(status: Int32, outcome: RunOutcome)] = [
    (70, RunOutcome(InternalError("a"))),
    (65, RunOutcome(mistakes: [UserError(.malformedInput, "b")])),
    (64, RunOutcome(mistakes: [UserError(.usage, "c")])),
    (73, RunOutcome(mistakes: [UserError(.cannotWrite, "d")])),
    (1, RunOutcome(failures: ["e"])), (2, RunOutcome(notMeasured: ["f"])),
  ]

  @Test("Nothing wrong is no status and no line")
  func nothing() {
    #expect(RunOutcome().status == nil)
    #expect(RunOutcome().lines(quietly: false).isEmpty)
  }

  @Test("Of two statuses that apply, that which comes first on the design page counts")
  func precedence() {
    let all = outcomes.map { (status: $0.status, kind: $0.outcome.status) }
    for (index, first) in all.enumerated() {
      #expect(first.kind?.rawValue == first.status)
      for second in all[index...] {
        #expect(ExitStatus.first(of: [second.kind!, first.kind!])?.rawValue == first.status)
      }
    }
    #expect(Set(all.map(\.status)) == Set(ExitStatus.allCases.map(\.rawValue)))
  }

  @Test("Findings together: the mistake in a file counts before what fails, and all are told")
  func together() {
    var outcome = RunOutcome(failures: ["too large"], notMeasured: ["a is missing"])
    #expect(outcome.status == .failed)
    outcome.add([UserError(.malformedInput, "b is damaged")])
    #expect(outcome.status == .malformedInput)
    #expect(
      outcome.lines(quietly: false)
        == ["failed: too large", "not measured: a is missing", "error: b is damaged"])
    #expect(outcome.lines(quietly: true) == ["error: b is damaged"])
  }

  @Test("A finding that the report shows has a status and no line")
  func shownElsewhere() {
    var outcome = RunOutcome()
    outcome.add(.notMeasured)
    outcome.add(.failed, if: false)
    #expect(outcome.status == .notMeasured)
    outcome.add(.failed, if: true)
    #expect(outcome.status == .failed)
    #expect(outcome.lines(quietly: false).isEmpty)
  }
}
