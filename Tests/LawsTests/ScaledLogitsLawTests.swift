import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The law of scaled logits")
struct ScaledLogitsLawTests {
  @Test(
    "A scale that is applied twice is found",
    arguments: [AuditedOperation.softmax, .logSoftmax, .logSumExp])
  func twice(operation: AuditedOperation) async throws {
    try await expect(
      .scaledLogits, of: operation, findsModifiers: { $0.scale = $0.scale.map { $0 * $0 } })
  }
}
