import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The law of soft caps")
struct CappedFirstLawTests {
  @Test(
    "A cap that is dropped is found", arguments: [AuditedOperation.softmax, .logSoftmax])
  func dropped(operation: AuditedOperation) async throws {
    try await expect(.cappedFirst, of: operation, findsModifiers: { $0.softcap = nil })
  }

  @Test("A cap that comes after the mask is found")
  func afterMask() async throws {
    try await expect(
      .cappedFirst,
      findsModifiers: { modifiers in
        guard let cap = modifiers.softcap else { return }
        modifiers.mask = modifiers.mask?.map { max($0, -cap) }
      })
  }
}
