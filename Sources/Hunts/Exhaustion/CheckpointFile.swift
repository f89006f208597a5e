import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Foundation
import Synchronization

/// The states of exhaustions on disk, from which they go on; written whole every few seconds and
/// after each job.
package final class CheckpointFile: Sendable {
  package static let schema = "softmax-audit/checkpoint/1"
  /// Seconds between two writings.
  private static let interval = 10.0

  /// The document.
  private struct Document: Codable {
    var schema: String
    var version: String
    var jobs: [Job]
  }

  private struct Job: Codable {
    var implementation: String
    var operation: AuditedOperation
    var outputFormat: FloatFormat
    var domain: ExhaustiveDomain
    var shard: Shard?
    /// The SHA-256 of the files that the implementation consists of; nil for one of this program.
    var identity: String?
    var state: ExhaustiveState

    /// The implementation, and its operation where that is no softmax.
    var subject: String {
      operation == .softmax ? implementation : "\(implementation) of \(operation)"
    }

    func isOf(_ plan: Exhaustion) -> Bool {
      implementation == plan.implementation.name && operation == plan.operation
        && outputFormat == plan.output && domain == plan.domain && shard == plan.shard
    }
  }

  private struct Content {
    var jobs: [Job]
    var lastWriting = Date()
  }

  private let path: String
  /// Whether there was a file to go on from.
  private let wasRead: Bool
  private let content: Mutex<Content>

  /// Reads the file where there is one.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where it belongs to another run, or the
  ///   implementation gives other outputs than it did.
  package init(_ path: String, _ plans: [Exhaustion]) throws {
    self.path = path
    wasRead = FileManager.default.fileExists(atPath: path)
    var known: [Job] = []
    if wasRead {
      known = try Self.read(path)
    }
    func refuse(_ reason: String) -> UserError {
      UserError(
        .malformedInput,
        "\(path) \(reason); name another file for --checkpoint, or remove this one")
    }
    if let foreign = known.first(where: { job in !plans.contains { job.isOf($0) } }) {
      throw refuse(
        "belongs to another run: of \(foreign.subject) on \(foreign.domain.summary)")
    }
    var jobs: [Job] = []
    for plan in plans {
      guard let job = known.first(where: { $0.isOf(plan) }) else {
        jobs.append(
          Job(
            implementation: plan.implementation.name, operation: plan.operation,
            outputFormat: plan.output,
            domain: plan.domain, shard: plan.shard,
            identity: Self.identity(of: plan.implementation), state: plan.start))
        continue
      }
      if let objection = job.state.objection(
        to: plan.domain, of: plan.operation, output: plan.output)
      {
        throw refuse("is damaged: \(objection)")
      }
      guard job.state.done.allSatisfy({ plan.shard?.contains($0) ?? true }),
        job.state.blockLanes == plan.start.blockLanes
      else { throw refuse("is damaged: it has blocks of another shard") }
      let identity = Self.identity(of: plan.implementation)
      guard identity == job.identity || job.identity == nil && job.state.done.isEmpty else {
        throw refuse(
          "was made with another \(job.implementation): its file has another SHA-256 now")
      }
      // What lies beside the file, such as a library that it loads, may have changed all the same.
      for place in Self.witnesses(among: job.state.done.count) {
        let block = job.state.done[place]
        let checksum = try plan.checksum(ofBlock: block, in: job.state)
        guard checksum == job.state.checksums[place] else {
          throw refuse(
            "was made with another \(job.implementation): block \(block) gives other outputs now")
        }
      }
      jobs.append(job)
    }
    content = Mutex(Content(jobs: jobs))
  }

  /// The SHA-256 of the files that an implementation consists of; nil where it has none.
  private static func identity(of implementation: any SoftmaxImplementation) -> String? {
    let own = implementation.files.compactMap { FileDigest.entries(ofFile: $0)[FileDigest.key] }
    return own.isEmpty ? implementation.environment[FileDigest.key] : own.joined(separator: " ")
  }

  /// The first, the middle and the last of some blocks.
  private static func witnesses(among count: Int) -> [Int] {
    count == 0 ? [] : Set([0, count / 2, count - 1]).sorted()
  }

  private static func read(_ path: String) throws -> [Job] {
    let data = try MappedFile.document(path, advice: "another file for --checkpoint")
    let document = try SchemaJSON.decode(
      Document.self, schema: schema, from: data, name: path, kind: "checkpoint")
    guard document.version == ProgramIdentity.version else {
      throw UserError(
        .malformedInput,
        "\(path) was written by version \(document.version); this is \(ProgramIdentity.version): remove the file"
      )
    }
    return document.jobs
  }

  /// The value that a state amounts to, if it can be believed.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where a figure of the state is not that of
  ///   its witness: the file was read, and whoever changed it is not this program.
  package func believed<Value>(_ value: () throws -> Value) throws -> Value {
    do {
      return try value()
    } catch let error as InternalError where wasRead {
      throw UserError(
        .malformedInput, "\(path) is damaged: \(error.message); remove it and begin again")
    }
  }

  /// The state that a job begins with.
  package func state(of job: Int) -> ExhaustiveState { content.withLock { $0.jobs[job].state } }

  /// Takes the states of jobs that go on together, and writes the file where it is time.
  package func update(
    _ jobs: [Int], _ states: [ExhaustiveState], isLast: Bool = false
  ) throws {
    try content.withLock { content in
      for (job, state) in zip(jobs, states)
      // Threads may come here in another order than they finished their blocks.
      where state.done.count >= content.jobs[job].state.done.count {
        content.jobs[job].state = state
      }
      guard isLast || Date().timeIntervalSince(content.lastWriting) >= Self.interval else { return }
      let document = Document(
        schema: Self.schema, version: ProgramIdentity.version, jobs: content.jobs)
      let data = try DocumentJSON.encode(document, isIndented: false)
      try OutputFile.write(DocumentChecksum.seal(data), to: path)
      content.lastWriting = Date()
    }
  }
}
