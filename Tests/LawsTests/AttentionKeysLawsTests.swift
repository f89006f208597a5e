import AuditedOperations
import FloatFormats
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The laws about the keys of attention")
struct AttentionKeysLawsTests {
  @Test(
    "Are kept by an attention computed in float64", arguments: [FloatFormat.bfloat16, .float32])
  func kept(format: FloatFormat) async throws {
    for law in [Law.keysPermuted, .hiddenKeys, .laterKeys, .noKey] {
      let row = try await law.verdict(in: format)
      #expect(row.verdict == .passed && row.cases > 10, "\(law.name): \(row.reason ?? "")")
    }
  }

  @Test("A last key that is left out is found by permuting keys")
  func lastKey() async throws {
    let altered = AlteredAttention(row: { row, _ in if row.count > 16 { row.count -= 1 } })
    #expect(try await Law.keysPermuted.verdict(on: altered).verdict == .failed)
  }

  @Test("A NaN in a hidden value that is multiplied by 0 is found")
  func hiddenNaN() async throws {
    let altered = AlteredAttention(steps: { $0.multipliesHidden = true })
    #expect(try await Law.hiddenKeys.verdict(on: altered).verdict == .failed)
  }

  @Test("A causal mask that is off by one, or aligned elsewhere, is found")
  func causal() async throws {
    let late = AlteredAttention(row: { row, _ in
      if let first = row.addends?.firstIndex(of: -.infinity) { row.addends?[first] = 0 }
    })
    #expect(try await Law.laterKeys.verdict(on: late).verdict == .failed)
    let other = AlteredAttention(modifiers: {
      if $0.causal == .topLeft { $0.causal = .bottomRight }
    })
    #expect(try await Law.laterKeys.verdict(on: other).verdict == .failed)
  }

  @Test("A query that sees no key and gets a mean is found")
  func noKey() async throws {
    let altered = AlteredAttention(row: { row, _ in
      row.addends = row.addends.map { $0.map { max($0, -1e4) } }
    })
    #expect(try await Law.noKey.verdict(on: altered).verdict == .failed)
  }
}
