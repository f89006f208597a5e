import AuditRecords
import AuditedOperations

/// Exhausts domains one after the other, those on the same lanes side by side, and goes on from a
/// file where there is one.
package struct ExhaustionRun: Sendable {
  /// The exhaustions, in the order of their certificates.
  package let jobs: [Exhaustion]
  private let checkpoint: CheckpointFile?

  /// - Parameter checkpoint: The path of the file that states are kept in; `nil` for none.
  /// - Throws: ``UserError`` of kind `malformedInput` where the file is that of another run.
  package init(_ jobs: [Exhaustion], checkpoint: String? = nil) throws {
    self.jobs = jobs
    self.checkpoint = try checkpoint.map { try CheckpointFile($0, jobs) }
  }

  /// Measures what is left, and certifies all.
  ///
  /// - Parameters:
  ///   - replay: The command that shows a lane of a job again.
  ///   - progress: Called from any thread with the blocks done and those of all, for each domain
  ///     from the beginning.
  ///   - endOfDomain: Called when all that run on the same lanes are through.
  package func certificates(
    replay: @escaping (Exhaustion, UInt64) -> String,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void,
    endOfDomain: () -> Void
  ) async throws -> [ExhaustiveCertificate] {
    var certificates: [Int: ExhaustiveCertificate] = [:]
    let checkpoint = checkpoint
    let states = jobs.indices.map { checkpoint?.state(of: $0) ?? jobs[$0].start }
    var left = Array(jobs.indices)
    while let first = left.first {
      // All that run on the same lanes, and have come as far.
      let group = left.filter {
        jobs[$0].isJoinable(with: jobs[first]) && states[$0].done == states[first].done
      }
      left.removeAll { group.contains($0) }
      let total = jobs[first].share(of: states[first])
      let results = try await JointExhaustion(group.map { jobs[$0] })
        .run(from: group.map { states[$0] }) { states in
          progress(states.map(\.done.count).max() ?? 0, total)
          try checkpoint?.update(group, states)
        }
      for (number, result) in zip(group, results) {
        let job = jobs[number]
        switch result {
        case .success(let state):
          try checkpoint?.update([number], [state], isLast: true)
          let certificate = {
            try ExhaustiveCertificate(job, state, isShard: job.shard != nil) { replay(job, $0) }
          }
          certificates[number] = try checkpoint?.believed(certificate) ?? certificate()
        case .failure(let failure):
          certificates[number] = ExhaustiveCertificate(job, failure: failure)
        }
      }
      endOfDomain()
    }
    return certificates.sorted { $0.key < $1.key }.map(\.value)
  }
}
