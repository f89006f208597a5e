import AuditedOperations
import RealModule
import TestSupport
import Testing

@testable import Laws

@Suite("The law of a lane followed by itself")
struct DuplicationAddsLawTests {
  @Test("A mean in place of a sum is found", arguments: [AuditedOperation.logSoftmax, .logSumExp])
  func duplication(operation: AuditedOperation) async throws {
    try await expect(
      .duplicationAdds,
      finds: AlteredSoftmax.inEveryLane(
        of: operation,
        { logits, outputs in
          let length = Double.log(Double(logits.count))
          outputs = outputs.map { $0 + (operation == .logSumExp ? -length : length) }
        }))
  }
}
