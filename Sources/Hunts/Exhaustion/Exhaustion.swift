import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// Runs one implementation on every lane of a domain.
///
/// The domain is cut into blocks. A block is measured by one thread and depends on nothing else,
/// and what is counted is put together by exact integers, maxima and minima: neither the number of
/// threads nor an interruption shows in the result.
package struct Exhaustion: Sendable {
  package let implementation: any SoftmaxImplementation
  package let domain: ExhaustiveDomain
  package let input: FloatFormat
  package let output: FloatFormat
  package var threads = 1
  /// The shard, one of equal parts of the blocks, that is measured; `nil` for all.
  package var shard: Shard?
  /// By what errors are judged, and whether a mismatch is declared.
  package var judge: LaneJudge
  /// The lanes of a block; nil for the usual number.
  var blockLanes: UInt64?
  /// Whether every element goes to MPFR.
  var arbiterOnly = false

  /// - Parameters:
  ///   - implementation: One of softmax, log-softmax or logsumexp.
  ///   - output: nil for the implementation's own.
  ///   - settings: How errors are judged; by the default tolerance where nothing is declared.
  /// - Throws: ``UserError`` of kind `usage` where the domain says nothing of the operation.
  package init(
    _ implementation: any SoftmaxImplementation, on domain: ExhaustiveDomain,
    output: FloatFormat? = nil, settings: MeasurementSettings = MeasurementSettings()
  ) throws {
    try domain.check(for: implementation.operation)
    let input = domain.format
    self.implementation = implementation
    self.domain = domain
    self.input = input
    self.output = output ?? implementation.defaultOutputFormat(for: input)
    judge = LaneJudge(implementation, input: input, output: self.output, settings: settings)
  }

  package var operation: AuditedOperation { implementation.operation }

  /// Whether both run on the same lanes in the same way.
  package func isJoinable(with other: Exhaustion) -> Bool {
    domain == other.domain && operation == other.operation && output == other.output
      && shard == other.shard && threads == other.threads && blockLanes == other.blockLanes
      && arbiterOnly == other.arbiterOnly
  }

  /// Nothing done yet.
  package var start: ExhaustiveState { ExhaustiveState(domain, blockLanes: blockLanes) }

  /// The blocks to be measured, ascending.
  func pending(after state: ExhaustiveState) -> [Int] {
    let done = Set(state.done)
    return (0..<state.blocks).filter { block in
      !done.contains(block) && (shard?.contains(block) ?? true)
    }
  }

  /// The number of blocks to measure, those done included.
  package func share(of state: ExhaustiveState) -> Int {
    (0..<state.blocks).count { shard?.contains($0) ?? true }
  }

  /// Measures the blocks that a state leaves.
  ///
  /// - Parameter progress: Called after each block, from any thread, with the state so far.
  /// - Throws: ``CallFailure`` where a call brought no answer.
  package func run(
    from state: ExhaustiveState,
    progress: @escaping @Sendable (ExhaustiveState) throws -> Void = { _ in }
  ) async throws -> ExhaustiveState {
    try await JointExhaustion([self]).run(from: [state]) { try progress($0[0]) }[0].get()
  }

  /// Measures one block and gives its checksum, to see whether an implementation is still the same.
  package func checksum(ofBlock block: Int, in state: ExhaustiveState) throws -> String {
    try input.open(with: output, BlockAgain(plan: self, block: block, state: state))
  }

  /// The outcome of one block.
  struct BlockResult: Sendable {
    var checksum: String
    var tally: ExhaustiveTally
    var misconduct: [String]
  }
}

/// One block again, for its checksum alone.
private struct BlockAgain: FormatPairWork {
  let plan: Exhaustion
  let block: Int
  let state: ExhaustiveState

  func run<F: BinaryFloat, G: BinaryFloat>(_ input: F.Type, _ output: G.Type) throws -> String {
    var worker = try BlockWorker<F, G>(
      [plan], exponential: DifferenceExponential(), intervals: nil)
    return try worker.run(state.lanes(of: block, in: plan.domain), isMeasured: false)[0]
      .get().checksum
  }
}
