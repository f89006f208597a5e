import FloatFormats
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Audits
@testable import Basics

@Suite("Swift functions under audit")
struct AuditFiguresTests {
  private static let exactHalves = LaneFunction("halves") { (logits: [Float]) in
    logits.map { _ in 1 / Float(logits.count) }
  }

  @Test("A function is measured in its own format, and its figures are those of its rows")
  func figures() async throws {
    let figures = try await Audit.figures(
      of: Self.exactHalves, families: ["constant"], lengths: [1, 2, 64], samples: 3)
    #expect(figures.rows.count == 3 && figures.rows.allSatisfy { $0.inputFormat == .float32 })
    #expect(figures.maxUlp == 0 && figures.mismatches == 0 && figures.failures.isEmpty)
    let wrong = try await Audit.figures(
      of: Self.exactHalves, families: ["normal-1"], lengths: [2], samples: 3)
    #expect(wrong.maxUlp > 1000)
    #expect(wrong.worst?.logits.count == 2)
  }

  @Test("What a function throws is a refusal; another number of outputs is rubbish")
  func failures() async throws {
    struct Tired: Error, CustomStringConvertible { var description: String { "tired" } }
    let throwing = LaneFunction("throws") { (_: [Double]) -> [Double] in throw Tired() }
    let short = LaneFunction("short") { (logits: [Double]) in Array(logits.dropLast()) }
    let thrown = try await Audit.figures(
      of: throwing, families: ["normal-1"], lengths: [4], samples: 2)
    #expect(thrown.failures == [.init(kind: .refusal, explanation: "tired")])
    #expect(thrown.mismatches == 8)
    let cut = try await Audit.figures(of: short, families: ["normal-1"], lengths: [4], samples: 2)
    #expect(
      cut.failures == [
        .init(kind: .rubbish, explanation: "it returned 3 probabilities for 4 logits")
      ])
  }

  @Test("A family or format that there is not is said")
  func refusals() async throws {
    await #expect(throws: UserError(.usage, "there is no family \"nothing\"")) {
      try await Audit.figures(of: Self.exactHalves, families: ["nothing"])
    }
    await #expect(throws: UserError.self) {
      try await Audit.figures(of: Self.exactHalves, format: .float64)
    }
  }
}
