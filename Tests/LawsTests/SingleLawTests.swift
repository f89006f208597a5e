import TestSupport
import Testing

@testable import Laws

@Suite("The law of single logits")
struct SingleLawTests {
  @Test("A single logit that gives one ulp less than 1 is found")
  func belowOne() async throws {
    try await expect(
      .single,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        if logits.count == 1 { outputs[0] -= 0x1p-24 }
      }))
  }
}
