import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of the sum of exponentials")
struct ExponentialsSumLawTests {
  @Test("Log-probabilities that are all a thousandth too small are found")
  func sum() async throws {
    try await expect(
      .exponentialsSum,
      finds: AlteredSoftmax.inEveryLane(
        of: .logSoftmax, { _, outputs in outputs = outputs.map { $0 - 0.001 } }))
  }
}
