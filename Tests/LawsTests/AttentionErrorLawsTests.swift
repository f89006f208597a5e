import AuditedOperations
import FloatFormats
import Foundation
import SoftmaxVariants
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The laws of errors of attention")
struct AttentionErrorLawsTests {
  @Test("An attention computed in float64 keeps them", arguments: FloatFormat.allCases)
  func kept(format: FloatFormat) async throws {
    for law in [Law.attentionError, .attentionLogSumExp] {
      let row = try await law.verdict(in: format)
      #expect(row.verdict == .passed && row.cases > 20, "\(law.name): \(row.reason ?? "")")
    }
  }

  @Test("A scale that is forgotten is found, with queries, keys and values of few numbers")
  func scale() async throws {
    let altered = AlteredAttention(modifiers: { $0.scale = $0.scale ?? 1 })
    let row = try await Law.attentionError.verdict(on: altered)
    #expect(row.verdict == .failed)
    let witness = try #require(row.counterexample)
    let inputs = try #require(witness.accompanying)
    #expect(inputs.query?.count == inputs.queryShape?.reduce(1, *))
    #expect((inputs.keyShape?.reduce(1, *) ?? 100) <= 12)
    #expect(witness.logits.isEmpty && witness.computed.count == witness.expected.count)
    #expect(witness.replay.contains("--operation attention") && witness.replay.contains("--replay"))
  }

  @Test("A replay of the witness shows the same")
  func replayed() async throws {
    let altered = AlteredAttention(output: { 1.01 * $0 })
    let row = try await Law.attentionError.verdict(on: altered)
    let words = try #require(row.counterexample?.replay.split(separator: " "))
    let place = try #require(words.firstIndex(of: "--replay"))
    let plan = CheckPlan(
      implementations: [altered], formats: [.float32], laws: [.attentionError])
    let again = try Check(plan).replay(String(words[place + 1]))
    #expect(again.verdict == .failed && again.reason == row.reason)
  }

  @Test("A logsumexp in base 2, and one without the maximum, are found")
  func logSumExp() async throws {
    for change: @Sendable (inout AttentionSteps<Double>) -> Void in [
      { $0.logSumExp = { ($0 + log($1)) * 1.4427 } }, { $0.logSumExp = { log($1) } },
    ] {
      let row = try await Law.attentionLogSumExp.verdict(on: AlteredAttention(steps: change))
      #expect(row.verdict == .failed)
    }
  }

  @Test("A built-in attention keeps every law of attention", arguments: FloatFormat.allCases)
  func builtIn(format: FloatFormat) async throws {
    let attention = try #require(
      BuiltInImplementation.named("attention/online-64/exp2", of: .attention))
    let rows = try await Check(
      CheckPlan(implementations: [attention], formats: [format], effort: 0.04)
    ).run()
    #expect(rows.count == Law.all.count { $0.operations.contains(.attention) })
    for row in rows { #expect(row.verdict == .passed, "\(row.law): \(row.reason ?? "")") }
  }
}
