import TestSupport
import Testing

@testable import Laws

@Suite("The law of masks")
struct MaskedZeroLawTests {
  @Test("A mask that leaks the smallest number is found")
  func leak() async throws {
    try await expect(
      .maskedZero,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        for index in logits.indices where logits[index] == -.infinity {
          outputs[index] = Double(Float.leastNonzeroMagnitude)
        }
      }))
  }
}
