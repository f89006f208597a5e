import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of stored outputs")
struct StoredOutputsLawTests {
  @Test("Outputs that are divided by their sum are found")
  func normalized() async throws {
    try await expect(
      .storedOutputs,
      finds: AlteredSoftmax.inEveryLane(
        of: .softmaxBackward,
        { lane, outputs in
          let sum = lane.reduce(0, +)
          if sum != 0 { outputs = outputs.map { $0 / sum } }
        }))
  }
}
