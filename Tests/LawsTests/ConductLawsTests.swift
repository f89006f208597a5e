import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Laws

@Suite("The laws of conduct")
struct ConductLawsTests {
  @Test("A call that brings no answer is found", arguments: CallFailure.Kind.allCases)
  func answers(kind: CallFailure.Kind) async throws {
    let silent = AlteredSoftmax { call, _ in
      if call.geometry.length > 7 { throw CallFailure(kind, "more than seven logits") }
    }
    try await expect(.answers, finds: silent)
  }

  @Test("What a call does besides answering is found by the law against it, and by no other")
  func misconduct() async throws {
    let laws: [(Law, Misconduct.Kind)] = [
      (.inputUntouched, .inputModified), (.outputContained, .wroteOutsideOutput),
      (.environmentKept, .changedFloatingPointEnvironment),
    ]
    for (law, kind) in laws {
      try await expect(law, finds: AlteredSoftmax(misconduct: [Misconduct(kind, "seen")]))
      for (_, other) in laws where other != kind {
        let misbehaving = AlteredSoftmax(misconduct: [Misconduct(other, "seen")])
        #expect(try await row(of: law, on: misbehaving).verdict == .passed)
      }
    }
  }
}
