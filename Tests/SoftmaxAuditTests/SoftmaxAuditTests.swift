import FloatFormats
import SoftmaxAudit
import Testing

/// The calls of the README, by the one import that it names.
@Suite("The floors under one name")
struct SoftmaxAuditTests {
  private static let halves = LaneFunction("halves") { (logits: [Float]) in
    logits.map { _ in 1 / Float(logits.count) }
  }

  @Test("A function of a package is measured by one call")
  func measuring() async throws {
    let right = try await Audit.figures(
      of: Self.halves, families: ["constant"], lengths: [1, 2, 64])
    #expect(right.maxUlp == 0)
    let wrong = try await Audit.figures(of: Self.halves, families: ["normal-1"], lengths: [2])
    #expect(wrong.maxUlp > 1000)
  }

  @Test("Laws that a function breaks are found by one call")
  func checking() async throws {
    let laws = try ["equal-logits", "underflow"].map { try #require(Law.named($0)) }
    let rows = try await Check(
      CheckPlan(implementations: [Self.halves], formats: [.float32], laws: laws)
    ).run()
    #expect(rows.map(\.law) == laws.map(\.name))
    #expect(rows.map(\.verdict) == [.passed, .failed])
  }
}
