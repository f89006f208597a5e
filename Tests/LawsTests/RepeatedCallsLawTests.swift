import TestSupport
import Testing

@testable import Laws

@Suite("The law of repeated calls")
struct RepeatedCallsLawTests {
  @Test("A counter that wraps around after 255 calls is found")
  func counter() async throws {
    let counting = AlteredSoftmax { call, outputs in
      if call.number == 256 { outputs[0] = 0 }
    }
    try await expect(.repeatedCalls, finds: counting, repeats: 300)
  }
}
