import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of differences")
struct LogarithmDifferencesLawTests {
  @Test("Logarithms to another base, and a temperature, are found")
  func differences() async throws {
    for factor in [0.5, 1.4426950408889634, 0.999] {
      try await expect(
        .logarithmDifferences,
        finds: AlteredSoftmax.inEveryLane(
          of: .logSoftmax, { _, outputs in outputs = outputs.map { $0 * factor } }))
    }
  }
}
