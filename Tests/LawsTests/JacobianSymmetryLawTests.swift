import AuditedOperations
import TestSupport
import Testing

@testable import Laws

@Suite("The law of symmetric Jacobians")
struct JacobianSymmetryLawTests {
  @Test("A row that is scaled is found")
  func scaledRow() async throws {
    try await expect(
      .jacobianSymmetry,
      finds: AlteredSoftmax.inEveryLane(
        of: .softmaxJacobian,
        { lane, outputs in for index in lane.indices { outputs[index] *= 1.5 } }))
  }
}
