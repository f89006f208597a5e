import FloatFormats
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The law of bias")
struct BiasLawTests {
  @Test("Outputs that are all one ulp too small are within every bound and are found")
  func truncation() async throws {
    let truncated = AlteredSoftmax { _, outputs in
      for index in outputs.indices {
        let bits = Float(outputs[index]).bitPattern
        outputs[index] = Double(Float(bitPattern: max(bits, 1) - 1))
      }
    }
    try await expect(.noBias, finds: truncated)
    #expect(try await row(of: .componentwiseError, on: truncated).verdict == .passed)
  }
}
