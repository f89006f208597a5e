import TestSupport
import Testing

@testable import AuditRecords
@testable import AuditedOperations
@testable import Laws

@Suite("The law of empty tensors")
struct EmptyLawTests {
  @Test("A crash for no elements is found; lanes without a logit may be refused")
  func crash() async throws {
    let crashing = AlteredSoftmax { call, outputs in
      if outputs.isEmpty { throw CallFailure(.crash, "division by zero") }
    }
    try await expect(.empty, finds: crashing)
    let refusing = AlteredSoftmax { call, _ in
      if call.geometry.length == 0 { throw CallFailure(.refusal, "no logits") }
    }
    #expect(try await row(of: .empty, on: refusing).verdict == .passed)
    let lazy = AlteredSoftmax { _, outputs in
      if outputs.isEmpty { throw CallFailure(.refusal, "no elements") }
    }
    #expect(try await row(of: .empty, on: lazy).verdict == .failed)
  }
}
