import SoftmaxVariants
import TestSupport
import Testing

@testable import Laws

@Suite("The laws of shifts")
struct ShiftLawTests {
  @Test("Outputs that depend on the size of the logits are found")
  func shift() async throws {
    try await expect(
      .shift,
      finds: AlteredSoftmax.inEveryLane({ logits, outputs in
        let size = min(1, abs(logits.max() ?? 0) / 64)
        outputs = outputs.map { $0 * (1 - size / 64) }
      }))
  }

  @Test("Exponentials of the logits themselves are found by shifts for which they overflow")
  func largeShift() async throws {
    let naive = try #require(SoftmaxVariant(named: "naive"))
    try await expect(.largeShift, finds: BuiltInImplementation(naive))
  }
}
