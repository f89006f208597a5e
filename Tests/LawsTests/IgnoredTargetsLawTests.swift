import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of ignored targets")
struct IgnoredTargetsLawTests {
  @Test(
    "A lane that counts although its target is ignored is found",
    arguments: [AuditedOperation.crossEntropy, .crossEntropyVJP])
  func countedLane(operation: AuditedOperation) async throws {
    try await expect(
      .ignoredTargets,
      finds: AlteredSoftmax.inEveryLane(
        of: operation, { _, outputs in outputs = outputs.map { $0 + 0.5 } }))
  }
}
