import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The law of outputs that react to modifiers")
struct ModifiersReactLawTests {
  @Test("A parameter that is ignored is found, and named")
  func ignored() async throws {
    try await expect(.modifiersReact, findsModifiers: { $0.sink = nil })
    try await expect(.modifiersReact, findsModifiers: { $0.scale = nil })
    try await expect(.modifiersReact, findsModifiers: { $0.mask = nil })
    let row = try await row(
      of: .modifiersReact, on: modifiedFunction { $0.softcap = nil }, in: .float64)
    #expect(row.reason?.contains("without the soft cap") == true, "\(row.reason ?? "")")
    #expect(row.reason?.contains("it is ignored") == true, "\(row.reason ?? "")")
  }

  @Test("A modifier whose effect another one's fault hides is not told as ignored")
  func hidden() async throws {
    let row = try await row(
      of: .modifiersReact, on: modifiedFunction { if $0.sink != nil { $0.scale = nil } },
      in: .float64)
    let reason = row.reason ?? ""
    #expect(row.verdict == .failed)
    #expect(
      reason.contains("without the scale") || !reason.contains("it is ignored"), "\(reason)")
  }
}
