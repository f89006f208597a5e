import AuditedOperations
import FloatFormats
import SoftmaxVariants
import Synchronization
import Testing

@testable import AuditRecords
@testable import Laws

@Suite("The laws about the queries and heads of attention")
struct AttentionRowsLawsTests {
  @Test(
    "Are kept by an attention computed in float64", arguments: [FloatFormat.bfloat16, .float32])
  func kept(format: FloatFormat) async throws {
    for law in [Law.queryAlone, .headsAlone, .attentionRepeats] {
      let row = try await law.verdict(in: format)
      #expect(row.verdict == .passed && row.cases > 10, "\(law.name): \(row.reason ?? "")")
    }
  }

  @Test("Code that is chosen by the number of queries is found")
  func queries() async throws {
    let altered = AlteredAttention(row: { row, shape in
      if shape.queries > 1 { row.scale *= 1 + 0x1p-18 }
    })
    #expect(try await Law.queryAlone.verdict(on: altered).verdict == .failed)
  }

  @Test("Groups that read another head's keys are found")
  func groups() async throws {
    let altered = AlteredAttention(keyHead: { row, shape in
      let (batch, head, _) = shape.place(ofRow: row)
      return batch * shape.keyHeads + head % shape.keyHeads
    })
    #expect(try await Law.headsAlone.verdict(on: altered).verdict == .failed)
  }

  @Test("Outputs that depend on how often it was called are found")
  func history() async throws {
    let calls = Counter()
    let altered = AlteredAttention(row: { row, _ in
      row.scale *= 1 + Double(calls.next()) * 0x1p-20
    })
    #expect(try await Law.attentionRepeats.verdict(on: altered).verdict == .failed)
  }

  private final class Counter: Sendable {
    private let count = Atomic(0)
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
  }
}
