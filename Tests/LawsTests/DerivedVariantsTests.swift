import AuditRecords
import AuditedOperations
import FloatFormats
import SoftmaxVariants
import Testing

@testable import Laws

/// The laws of losses, gradients and Jacobians, on the built-in forms of them.
///
/// Laws of long lanes and large batches take minutes where nothing is optimized: scripts/test tries
/// the first by `check`.
@Suite("Laws of losses and gradients")
struct DerivedVariantsTests {
  private static let operations: [AuditedOperation] = [
    .crossEntropy, .softmaxVJP, .softmaxBackward, .logSoftmaxVJP, .crossEntropyVJP,
    .softmaxJacobian,
  ]
  private static let laws = [
    "range", "componentwise-error", "axis", "overflow", "large-logits", "masked-zero",
    "lane-independence", "batch-invariance", "neighbours", "empty",
    "constant-upstream", "gradient-sum", "upstream-scale", "jacobian-symmetry", "ignored-targets",
    "stored-outputs",
  ]

  @Test("Every built-in form keeps the laws that tell of its operation", arguments: operations)
  func soundForms(operation: AuditedOperation) async throws {
    let forms = BuiltInImplementation.all(of: operation).filter { $0.name.hasSuffix("/pairwise") }
    #expect(!forms.isEmpty)
    let laws = Law.all.filter {
      Self.laws.contains($0.name) && $0.operations.contains(operation)
    }
    let plan = CheckPlan(
      implementations: forms, formats: [operation == .crossEntropy ? .bfloat16 : .float32],
      laws: laws, effort: 0.02)
    let rows = try await Check(plan).run()
    let failed = rows.filter { $0.verdict != .passed }
      .map { "\($0.implementation), \($0.inputFormat), \($0.law): \($0.reason ?? "")" }
    #expect(failed.isEmpty, "\(failed)")
    #expect(rows.allSatisfy { $0.cases > 0 })
  }

  @Test("Every law of an operation says what it is about in the words of the operation")
  func statements() {
    for operation in Self.operations {
      for law in Law.all where law.operations.contains(operation) {
        #expect(
          !law.statement(of: operation).contains("probabilities") || operation == .softmaxBackward)
      }
    }
  }
}
