import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of shifts of a logsumexp")
struct ShiftAddsLawTests {
  @Test("A maximum that is not added again is found")
  func shift() async throws {
    try await expect(
      .shiftAdds,
      finds: AlteredSoftmax.inEveryLane(
        of: .logSumExp, { logits, outputs in outputs[0] -= (logits.max() ?? 0) / 2 }))
  }
}
