import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Laws

@Suite("The law of underflow")
struct UnderflowLawTests {
  @Test("Subnormal results that are flushed are found, unless that is declared")
  func flushing() async throws {
    let flush: AlteredSoftmax.Alteration = { _, outputs in
      for index in outputs.indices where outputs[index] < Double(Float.leastNormalMagnitude) {
        outputs[index] = 0
      }
    }
    try await expect(.underflow, finds: AlteredSoftmax(flush))
    let declared = AlteredSoftmax(underflow: .flush, flush)
    #expect(try await row(of: .underflow, on: declared).verdict == .passed)
  }
}
