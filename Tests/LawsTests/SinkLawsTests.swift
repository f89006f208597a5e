import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The laws of sinks")
struct SinkLawsTests {
  @Test("A sink of -inf that counts as 0 is found")
  func absent() async throws {
    try await expect(
      .sinkAbsent, findsModifiers: { $0.sink = $0.sink == -.infinity ? 0 : $0.sink })
  }

  @Test("A sink whose share is given back to the outputs is found")
  func share() async throws {
    try await expect(.sinkShare, findsModifiers: { $0.sink = nil })
  }
}
