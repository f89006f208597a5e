import AuditedOperations
import FloatFormats
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The laws about the values of attention")
struct AttentionValuesLawsTests {
  @Test(
    "Are kept by an attention computed in float64", arguments: [FloatFormat.bfloat16, .float32])
  func kept(format: FloatFormat) async throws {
    for law in [Law.unitValues, .valueShift, .convexity, .weightsShown] {
      let row = try await law.verdict(in: format)
      #expect(row.verdict == .passed && row.cases > 20, "\(law.name): \(row.reason ?? "")")
    }
  }

  @Test("Weights cut in the second product alone are found by values of 1")
  func cutWeights() async throws {
    let altered = AlteredAttention(steps: {
      $0.weight = { ($0 * 16).rounded(.down) / 16 }
    })
    #expect(try await Law.unitValues.verdict(on: altered, in: .bfloat16).verdict == .failed)
  }

  @Test("Small weights that vanish are found where values show them")
  func vanishing() async throws {
    let altered = AlteredAttention(steps: { $0.weight = { $0 < 0x1p-10 ? 0 : $0 } })
    #expect(try await Law.weightsShown.verdict(on: altered, in: .bfloat16).verdict == .failed)
  }

  @Test("Outputs that are a hundredth too large do not follow a shift")
  func shift() async throws {
    let altered = AlteredAttention(output: { 1.01 * $0 })
    #expect(try await Law.valueShift.verdict(on: altered).verdict == .failed)
  }

  @Test("Outputs beyond the values are found")
  func beyond() async throws {
    let altered = AlteredAttention(output: { 1.5 * $0 })
    #expect(try await Law.convexity.verdict(on: altered).verdict == .failed)
  }
}
