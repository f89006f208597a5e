import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The law of masked logits")
struct MaskedWhateverLawTests {
  @Test(
    "A large number in the place of -inf is found",
    arguments: [AuditedOperation.softmax, .logSoftmax])
  func largeNumber(operation: AuditedOperation) async throws {
    try await expect(
      .maskedWhatever, of: operation,
      findsModifiers: { $0.mask = $0.mask?.map { max($0, -10000) } })
  }
}
