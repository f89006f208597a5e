import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The law of errors with modifiers")
struct ModifiedErrorLawTests {
  @Test(
    "A modifier that is left out is found",
    arguments: [AuditedOperation.softmax, .logSoftmax, .logSumExp])
  func leftOut(operation: AuditedOperation) async throws {
    try await expect(.modifiedError, of: operation, findsModifiers: { $0.scale = nil })
    try await expect(.modifiedError, of: operation, findsModifiers: { $0.softcap = nil })
    try await expect(.modifiedError, of: operation, findsModifiers: { $0.mask = nil })
    try await expect(.modifiedError, of: operation, findsModifiers: { $0.sink = nil })
  }

  @Test("A scale that is applied twice, and a sink that is scaled, are found")
  func twice() async throws {
    try await expect(.modifiedError, findsModifiers: { $0.scale = $0.scale.map { $0 * $0 } })
    try await expect(
      .modifiedError,
      findsModifiers: { modifiers in
        modifiers.sink = modifiers.sink.map { $0 * (modifiers.scale ?? 1) }
      })
  }

  @Test("What offers no modifiers is not asked, and says why")
  func notOffered() async throws {
    let row = try await row(of: .modifiedError, on: AlteredSoftmax())
    #expect(row.verdict == .notMeasured)
    #expect(row.reason?.contains("it offers no scale, softcap, mask, sink") == true)
  }
}
