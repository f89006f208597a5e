import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import AuditRecords
@testable import Laws

/// Expects that a law of modifiers finds nothing in a sound function, and something in one to whose
/// modifiers something is done.
func expect(
  _ law: Law, of operation: AuditedOperation = .softmax,
  findsModifiers alter: @escaping @Sendable (inout LaneModifiers) -> Void,
  sourceLocation: SourceLocation = #_sourceLocation
) async throws {
  let kept = try await row(of: law, on: modifiedFunction(of: operation), in: .float64)
  #expect(
    kept.verdict == .passed, "\(law.name): \(kept.reason ?? "")", sourceLocation: sourceLocation)
  #expect(kept.cases > 0, sourceLocation: sourceLocation)
  let broken = try await row(
    of: law, on: modifiedFunction(of: operation, alter), in: .float64)
  #expect(broken.verdict == .failed, "\(law.name)", sourceLocation: sourceLocation)
  #expect(
    broken.counterexample?.accompanying != nil || law.modifiers == [.causal],
    sourceLocation: sourceLocation)
}
