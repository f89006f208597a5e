import TestSupport
import Testing

@testable import AuditedOperations
@testable import Laws

@Suite("The law of batch invariance")
struct BatchInvarianceLawTests {
  @Test("A last lane of a batch that is an ulp off is found")
  func lastLane() async throws {
    let batched = AlteredSoftmax { call, outputs in
      guard call.geometry.laneCount > 1 else { return }
      outputs[outputs.count - 1] *= 1 - 0x1p-23
    }
    try await expect(.batchInvariance, finds: batched)
  }
}
