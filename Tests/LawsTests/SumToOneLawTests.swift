import TestSupport
import Testing

@testable import Laws

@Suite("The law of sums")
struct SumToOneLawTests {
  @Test("Outputs that sum to a thousandth less than 1 are found")
  func sum() async throws {
    try await expect(
      .sumToOne,
      finds: AlteredSoftmax.inEveryLane({ _, outputs in outputs = outputs.map { $0 * 0.999 } }))
  }
}
