import AuditRecords
import AuditedOperations
import TestSupport
import Testing

@testable import Laws

/// A law is a value: one that no list knows is checked, judged and reported as the others are.
@Suite("A law from outside")
struct AddedLawTests {
  private static let half = Law(
    "half", "Of two logits the larger has an output of at least a half.", grade: .required,
    tolerance: "2^-7: more than any format rounds", catches: [.equality], of: [.softmax],
    cases: { format in LaneCases.readable(format, count: 2...2).cases }
  ) { input, trial, _ in
    guard input.lane(0).allSatisfy(\.isFinite) else { return .kept }
    let largest = try trial.outputs(of: input).reduce(0) { max($0, $1) }
    guard largest < 0.5 - 0x1p-7 else { return .kept }
    return .broken(Violation("the larger output is \(trial.text(largest))", kind: "small"))
  }

  @Test("Finds nothing in a sound softmax, and outputs that are a quarter of theirs")
  func findings() async throws {
    let quartered = AlteredSoftmax.inEveryLane { _, outputs in
      for index in outputs.indices { outputs[index] /= 4 }
    }
    try await expect(Self.half, finds: quartered)
  }
}
