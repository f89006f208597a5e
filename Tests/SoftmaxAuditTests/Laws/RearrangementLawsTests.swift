import Testing

@testable import Laws

@Suite("The laws of rearrangement")
struct RearrangementLawsTests {
  @Test("An output that depends on its place is found")
  func permutation() async throws {
    try await expect(
      .permutation, finds: AlteredSoftmax.inEveryLane({ _, outputs in outputs[0] *= 0.99 }))
  }

  @Test("An output that depends on masks beside it is found")
  func padding() async throws {
    try await expect(
      .padding,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        if logits.contains(-.infinity) { outputs = outputs.map { $0 * 0.99 } }
      }))
  }

  @Test("Outputs that are not halved where the lane is doubled are found")
  func duplication() async throws {
    try await expect(
      .duplication,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        if logits.count % 2 == 0 { outputs = outputs.map { $0 * 0.99 } }
      }))
  }
}
