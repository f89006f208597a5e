import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Synchronization

/// Runs several implementations on every lane of one domain, and measures outputs that are the same
/// only once.
///
/// Each implementation runs on each lane, and its state is that of an exhaustion of its own. What
/// is saved is the judging: orders of summation, to name one case, do not differ on two logits.
package struct JointExhaustion: Sendable {
  /// At least one; all have the domain, the operation, the output format, the threads and the shard
  /// of the first.
  package let jobs: [Exhaustion]

  package init(_ jobs: [Exhaustion]) {
    precondition(
      jobs.allSatisfy { $0.isJoinable(with: jobs[0]) }, "jobs on several domains cannot be joined")
    self.jobs = jobs
  }

  /// Measures the blocks that the states leave, which have to be the same for all.
  ///
  /// - Parameter progress: Called after each block, from any thread, with the states so far.
  /// - Returns: The states in the order of the jobs. A job of which a call brought no answer has
  ///   failed, and the others have not.
  package func run(
    from states: [ExhaustiveState],
    progress: @escaping @Sendable ([ExhaustiveState]) throws -> Void = { _ in }
  ) async throws -> [Result<ExhaustiveState, CallFailure>] {
    precondition(
      states.count == jobs.count && states.allSatisfy { $0.done == states[0].done },
      "joined jobs have done the same blocks")
    let first = jobs[0]
    let blocks = first.pending(after: states[0])
    let shared = Shared(states: states)
    let exponential = DifferenceExponential()
    let intervals =
      first.output.isNarrow && first.operation == .softmax
      ? try RoundingIntervals(first.output, exponential) : nil
    _ = try await WorkQueue.share(blocks.count, among: first.threads) { queue in
      try first.input.open(
        with: first.output,
        BlockWork(
          jobs: jobs, shared: shared, queue: queue, blocks: blocks, exponential: exponential,
          intervals: intervals, progress: progress))
    }
    return shared.results
  }

  /// The state that threads share.
  fileprivate final class Shared: Sendable {
    private struct Content: Sendable {
      var states: [ExhaustiveState]
      var failures: [Int: CallFailure] = [:]
    }
    private let content: Mutex<Content>

    init(states: [ExhaustiveState]) { content = Mutex(Content(states: states)) }

    /// The division of lanes into blocks.
    var layout: ExhaustiveState { content.withLock { $0.states[0] } }

    /// The jobs that have failed so far.
    var failures: [Int: CallFailure] { content.withLock { $0.failures } }

    var results: [Result<ExhaustiveState, CallFailure>] {
      content.withLock { content in
        content.states.indices.map { job in
          content.failures[job].map { .failure($0) } ?? .success(content.states[job])
        }
      }
    }

    func add(
      _ block: Int, _ results: [Result<Exhaustion.BlockResult, CallFailure>]
    ) -> [ExhaustiveState] {
      content.withLock { content in
        for (job, result) in results.enumerated() {
          switch result {
          case .success(let result):
            content.states[job].add(block, result.checksum, result.tally, result.misconduct)
          case .failure(let failure):
            content.failures[job] = content.failures[job] ?? failure
          }
        }
        return content.states
      }
    }
  }
}

/// Takes blocks as long as there are any, for known formats.
private struct BlockWork: FormatPairWork {
  let jobs: [Exhaustion]
  let shared: JointExhaustion.Shared
  let queue: WorkQueue
  let blocks: [Int]
  let exponential: DifferenceExponential
  let intervals: RoundingIntervals?
  let progress: @Sendable ([ExhaustiveState]) throws -> Void

  func run<F: BinaryFloat, G: BinaryFloat>(_ input: F.Type, _ output: G.Type) throws {
    var worker = try BlockWorker<F, G>(jobs, exponential: exponential, intervals: intervals)
    let layout = shared.layout
    try queue.forEach { piece in
      let failures = shared.failures
      guard failures.count < jobs.count else { return }
      worker.leaveOut(failures)
      let block = blocks[piece]
      let results = try worker.run(layout.lanes(of: block, in: jobs[0].domain))
      try progress(shared.add(block, results))
    }
  }
}
