import TestSupport
import Testing

@testable import Laws

@Suite("The laws of order")
struct OrderLawsTests {
  @Test("A larger logit with a smaller output is found")
  func monotone() async throws {
    try await expect(
      .monotone,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        guard let largest = logits.indices.max(by: { logits[$0] < logits[$1] }) else { return }
        if outputs[largest] < 1 { outputs[largest] = 0 }
      }))
  }

  @Test("A largest output in the wrong place is found")
  func argMax() async throws {
    try await expect(
      .argMax, finds: AlteredSoftmax.inEveryLane({ _, outputs in outputs.reverse() }))
  }
}
