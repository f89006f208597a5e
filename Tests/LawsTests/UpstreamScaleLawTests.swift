import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of scaled upstreams")
struct UpstreamScaleLawTests {
  @Test(
    "Gradients on a grid are found",
    arguments: [AuditedOperation.softmaxVJP, .softmaxBackward, .logSoftmaxVJP])
  func grid(operation: AuditedOperation) async throws {
    try await expect(
      .upstreamScale,
      finds: AlteredSoftmax.inEveryLane(
        of: operation, { _, outputs in outputs = outputs.map { ($0 * 256).rounded() / 256 } }))
  }
}
