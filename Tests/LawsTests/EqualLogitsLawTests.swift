import TestSupport
import Testing

@testable import Laws

@Suite("The law of equal logits")
struct EqualLogitsLawTests {
  @Test("A tail by another exponential is found")
  func tail() async throws {
    try await expect(
      .equalLogits,
      finds: AlteredSoftmax.inEveryLane({ _, outputs in
        for index in outputs.indices.dropFirst(outputs.count / 8 * 8) {
          outputs[index] *= 1 - 0x1p-22
        }
      }))
  }
}
