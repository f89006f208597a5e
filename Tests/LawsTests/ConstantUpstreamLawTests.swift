import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of a constant upstream")
struct ConstantUpstreamLawTests {
  @Test(
    "A sum that is forgotten is found", arguments: [AuditedOperation.softmaxVJP, .softmaxBackward])
  func forgottenSum(operation: AuditedOperation) async throws {
    try await expect(
      .constantUpstream,
      finds: AlteredSoftmax.inEveryLane(
        of: operation, { lane, outputs in outputs = outputs.map { $0 + 1 / Double(lane.count) } }))
  }
}
