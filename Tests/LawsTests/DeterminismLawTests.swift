import TestSupport
import Testing

@testable import Laws

@Suite("The law of determinism")
struct DeterminismLawTests {
  @Test("A seventh call that differs in one bit is found")
  func seventhCall() async throws {
    let counting = AlteredSoftmax { call, outputs in
      if call.number == 7 { outputs[0] *= 1 - 0x1p-23 }
    }
    try await expect(.determinism, finds: counting)
  }
}
