import FloatFormats
import Synchronization

/// Runs several implementations on every lane of one domain, and measures outputs that are the same only once.
///
/// Each implementation runs on each lane, and its state is that of an exhaustion of its own. What is saved is the
/// judging: orders of summation, to name one case, do not differ on two logits.
public struct JointExhaustion: Sendable {
  /// At least one; all have the domain, the output format, the threads and the shard of the first.
  public let jobs: [Exhaustion]

  public init(_ jobs: [Exhaustion]) {
    precondition(
      jobs.allSatisfy { $0.isJoinable(with: jobs[0]) }, "jobs on several domains cannot be joined")
    self.jobs = jobs
  }

  /// Measures the blocks that the states leave, which have to be the same for all.
  ///
  /// - Parameter progress: Called after each block, from any thread, with the states so far.
  /// - Returns: The states in the order of the jobs. A job of which a call brought no answer has failed, and the others
  ///   have not.
  public func run(
    from states: [ExhaustiveState],
    progress: @escaping @Sendable ([ExhaustiveState]) throws -> Void = { _ in }
  ) async throws -> [Result<ExhaustiveState, CallFailure>] {
    precondition(
      states.count == jobs.count && states.allSatisfy { $0.done == states[0].done },
      "joined jobs have done the same blocks")
    let first = jobs[0]
    let blocks = first.pending(after: states[0])
    let shared = Shared(states: states, blocks: blocks)
    let exponential = DifferenceExponential()
    let intervals =
      first.output.bitWidth == 16 ? try RoundingIntervals(first.output, exponential) : nil
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<max(1, min(first.threads, blocks.count)) {
        group.addTask {
          try first.input.open(
            InputWork(
              jobs: jobs, shared: shared, exponential: exponential, intervals: intervals,
              progress: progress))
        }
      }
      try await group.waitForAll()
    }
    return shared.results
  }

  /// What threads share.
  fileprivate final class Shared: Sendable {
    private struct Content: Sendable {
      var states: [ExhaustiveState]
      var failures: [Int: CallFailure] = [:]
      var next = 0
    }
    private let content: Mutex<Content>
    private let blocks: [Int]

    init(states: [ExhaustiveState], blocks: [Int]) {
      content = Mutex(Content(states: states))
      self.blocks = blocks
    }

    /// How lanes are cut into blocks.
    var layout: ExhaustiveState { content.withLock { $0.states[0] } }

    var results: [Result<ExhaustiveState, CallFailure>] {
      content.withLock { content in
        content.states.indices.map { job in
          content.failures[job].map { .failure($0) } ?? .success(content.states[job])
        }
      }
    }

    /// The next block, and the jobs that have failed meanwhile; nil where there is nothing left to do.
    func takeBlock() -> (block: Int, failed: Set<Int>)? {
      content.withLock { content in
        guard content.next < blocks.count, content.failures.count < content.states.count else {
          return nil
        }
        content.next += 1
        return (blocks[content.next - 1], Set(content.failures.keys))
      }
    }

    /// Makes all threads stop before their next block.
    func stop() { content.withLock { $0.next = blocks.count } }

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

/// Takes blocks as long as there are any, for a known input format.
private struct InputWork: FormatGenericWork {
  let jobs: [Exhaustion]
  let shared: JointExhaustion.Shared
  let exponential: DifferenceExponential
  let intervals: RoundingIntervals?
  let progress: @Sendable ([ExhaustiveState]) throws -> Void

  func run<F: BinaryFloat>(_ format: F.Type) throws {
    try jobs[0].output.open(OutputWork<F>(work: self))
  }

  private struct OutputWork<F: BinaryFloat>: FormatGenericWork {
    let work: InputWork

    func run<G: BinaryFloat>(_ format: G.Type) throws {
      var worker = try BlockWorker<F, G>(
        work.jobs, exponential: work.exponential, intervals: work.intervals)
      let layout = work.shared.layout
      while let (block, failed) = work.shared.takeBlock() {
        do {
          try Task.checkCancellation()
          worker.leaveOut(failed)
          let results = try worker.run(layout.lanes(of: block, in: work.jobs[0].domain))
          try work.progress(work.shared.add(block, results))
        } catch {
          work.shared.stop()
          throw error
        }
      }
    }
  }
}
