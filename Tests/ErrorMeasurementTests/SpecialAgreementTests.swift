import AuditedOperations
import FloatFormats
import Oracle
import SoftmaxVariants
import Testing

@testable import ErrorMeasurement

@Suite("Outputs of lanes without a value")
struct SpecialAgreementTests {
  private func agreed(_ loss: Float, _ parameters: CrossEntropyParameters) -> UInt64 {
    let lane = OperationLane(
      .crossEntropy, logits: DistinctLogits(exactly: [.nan, 1]), target: 1, parameters)
    let reference = SoftmaxOracle().reference(of: lane, in: .float32)
    return SpecialAgreement(of: reference, by: []).count([loss], .holdsNaN)
  }

  @Test("A loss whose weights are all 0 is 0 or NaN in a lane with a NaN, any other is NaN")
  func zeroWeights() {
    let nothing = CrossEntropyParameters(classWeights: [1, 0])
    #expect(agreed(0, nothing) == 1)
    #expect(agreed(.nan, nothing) == 1)
    #expect(agreed(1, nothing) == 0)
    for counting in [
      CrossEntropyParameters(), CrossEntropyParameters(classWeights: [0, 1]),
      CrossEntropyParameters(labelSmoothing: 0.5, classWeights: [1, 0]),
    ] {
      #expect(agreed(0, counting) == 0, "\(counting)")
      #expect(agreed(.nan, counting) == 1, "\(counting)")
    }
    let spread = CrossEntropyParameters(labelSmoothing: 0.5, classWeights: [0, 0])
    #expect(agreed(0, spread) == 1)
  }
}
