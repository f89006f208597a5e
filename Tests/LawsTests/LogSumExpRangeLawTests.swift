import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of the range of a logsumexp")
struct LogSumExpRangeLawTests {
  @Test("A sum without the maximum, and one that counts terms twice, are found")
  func range() async throws {
    for step in [-1.0, 2] {
      try await expect(
        .logSumExpRange,
        finds: AlteredSoftmax.inEveryLane(
          of: .logSumExp,
          { logits, outputs in
            outputs[0] = step < 0 ? (logits.max() ?? 0) - 1 : outputs[0] + 2 + Double(logits.count)
          }))
    }
  }
}
