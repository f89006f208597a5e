import AuditedOperations
import FloatFormats
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The law that attention reacts to its modifiers")
struct AttentionReactsLawTests {
  @Test("Is kept by an attention that has them all", arguments: [FloatFormat.bfloat16, .float32])
  func kept(format: FloatFormat) async throws {
    let row = try await Law.attentionReacts.verdict(in: format)
    #expect(row.verdict == .passed && row.cases > 10, "\(row.reason ?? "")")
  }

  @Test("A sink, a cap, a scale or a mask that is ignored is found and named")
  func ignored() async throws {
    let changes: [(String, @Sendable (inout AttentionModifiers) -> Void)] = [
      ("sink", { $0.sinks = nil }), ("soft cap", { $0.softcap = nil }),
      ("scale", { $0.scale = nil }), ("mask", { $0.mask = nil }), ("causal", { $0.causal = nil }),
    ]
    for (name, change) in changes {
      let row = try await Law.attentionReacts.verdict(
        on: AlteredAttention(modifiers: change), effort: 1)
      #expect(row.verdict == .failed && row.reason?.contains("the \(name),") == true, "\(name)")
    }
  }
}
