import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of the sum of gradients")
struct GradientSumLawTests {
  @Test(
    "A gradient that is off by a constant is found",
    arguments: [AuditedOperation.softmaxVJP, .logSoftmaxVJP, .crossEntropyVJP])
  func offset(operation: AuditedOperation) async throws {
    try await expect(
      .gradientSum,
      finds: AlteredSoftmax.inEveryLane(
        of: operation, { _, outputs in outputs = outputs.map { $0 + 0.25 } }))
  }
}
