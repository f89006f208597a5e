import SoftmaxVariants
import Testing

@testable import Laws

@Suite("The laws of overflow")
struct OverflowLawTests {
  @Test(
    "Exponentials of the logits themselves are found", arguments: [Law.overflow, .largeLogits])
  func naive(law: Law) async throws {
    let naive = try #require(SoftmaxVariant(named: "naive"))
    try await expect(law, finds: BuiltInImplementation(naive))
  }
}
