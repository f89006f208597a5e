import TestSupport
import Testing

@testable import Laws

@Suite("The law of componentwise errors")
struct ComponentwiseErrorLawTests {
  @Test("A relative error of 2^-10 in one output is found")
  func approximation() async throws {
    try await expect(
      .componentwiseError,
      finds: AlteredSoftmax.inEveryLane({ _, outputs in outputs[0] *= 1 - 0x1p-10 }))
  }
}
