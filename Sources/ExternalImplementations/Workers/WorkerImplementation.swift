import AuditedOperations
import Basics
import FloatFormats
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An implementation that computes in a process of its own.
///
/// The process starts with the first call and lives until the instance is given up, dies, hangs or
/// talks nonsense; the call after that gets a new one. Concurrent calls wait for one another.
package final class WorkerImplementation: DescribedImplementation {
  package let name: String
  package let summary: String
  package let files: [String]
  private let command: WorkerProcess.Command
  private let limits: WorkerLimits
  package let properties: WorkerDescription.Properties
  private let isProbed: Bool
  /// The knowledge common to all instances.
  private let record: Record
  private let connection = Mutex<WorkerConnection?>(nil)

  package typealias Limits = WorkerLimits

  /// After so many calls without an answer in time, an implementation is given up.
  package static let toleratedHangs = 3

  private final class Record: Sendable {
    private let hangs = Atomic(0)
    private struct Formats {
      /// Formats whose first answer did not come while formats were tried: the first call tells of
      /// it.
      var untold: [FloatFormat: String] = [:]
      /// Formats whose first answer has not come in time once: it is not waited for so long again.
      var slow: Set<FloatFormat> = []
    }
    private let formats = Mutex(Formats())
    /// A worker that nobody has called with a tensor yet.
    private let unused: Mutex<WorkerConnection?>

    init(_ unused: WorkerConnection?) { self.unused = Mutex(unused) }

    var isGivenUp: Bool { hangs.load(ordering: .relaxed) >= toleratedHangs }
    func noteHang() { hangs.add(1, ordering: .relaxed) }

    func noteSlowStart(in format: FloatFormat) {
      formats.withLock { _ = $0.slow.insert(format) }
    }
    func isSlow(_ format: FloatFormat) -> Bool { formats.withLock { $0.slow.contains(format) } }

    func noteUntoldHang(in format: FloatFormat, _ explanation: String) {
      formats.withLock { $0.untold[format] = explanation }
    }
    func takeUntoldHang(in format: FloatFormat) -> String? {
      formats.withLock { $0.untold.removeValue(forKey: format) }
    }

    func takeUnused() -> WorkerConnection? {
      unused.withLock { connection in
        defer { connection = nil }
        return connection
      }
    }
  }

  /// Starts a worker and finds out what it has.
  ///
  /// - Parameters:
  ///   - name: The name in results; nil for the worker's own.
  ///   - words: The program and its arguments.
  ///   - environment: Variables added to those of this process.
  ///   - input: What its standard input begins with, before the messages.
  ///   - summary: What it is, in one line.
  ///   - files: The files that it consists of, by path.
  ///   - operation: The operation that it shall compute; nil for the one that it says it computes.
  ///   - formats: The input formats that anybody will ask for; others are not tried.
  /// - Throws: ``UserError`` of kind `notMeasured` where the worker cannot be started or has
  ///   nothing to offer, of kind `usage` where it says that it computes another operation.
  package init(
    name: String?, words: [String], environment: [String: String] = [:], input: [UInt8] = [],
    summary: String, files: [String] = [], operation: AuditedOperation? = nil, limits: WorkerLimits,
    formats: [FloatFormat] = FloatFormat.allCases
  ) throws {
    let command = WorkerProcess.Command(
      words: words, environment: environment, input: input,
      memory: MemoryWatch(limit: limits.memory))
    let working = name ?? summary
    let (started, description) = try Self.start(command, operation, limits, working)
    if let own = description.name, own != ForeignText.shown(own) {
      throw UserError(
        .notMeasured,
        "\(working) gives itself a name that cannot be shown: \(ForeignText.shown(own))")
    }
    self.name = name ?? description.name ?? summary
    self.summary = summary
    self.files = files
    self.command = command
    self.limits = limits
    isProbed = description.probe
    var properties = try description.properties(of: self.name)
    if let operation, properties.operation != operation {
      throw description.operation == nil
        ? UserError(
          .notMeasured,
          "\(working) does not say that it computes \(operation), so it is taken for a softmax; ask for it without --operation"
        )
        : UserError(
          .usage,
          "\(working) computes \(properties.operation), not \(operation); ask for it with --operation \(properties.operation)"
        )
    }
    guard properties.domain.alignment == nil || !properties.layouts.contains(.misaligned) else {
      throw UserError(
        .notMeasured, "\(self.name) asks for an alignment and takes misaligned tensors: drop one")
    }
    var way: String?
    if description.probe {
      let trial = try Self.probe(
        started, formats, command, limits, name: working)
      properties.outputs = trial.outputs
      way = trial.way
      record = Record(trial.connection)
      for (format, explanation) in trial.hangs {
        record.noteHang()
        record.noteSlowStart(in: format)
        record.noteUntoldHang(in: format, explanation)
      }
    } else {
      record = Record(started)
    }
    if let way, !way.isEmpty { properties.environment[callKey] = way }
    guard !properties.outputs.isEmpty else {
      throw UserError(.notMeasured, "\(self.name) takes none of the formats \(allFormatNames)")
    }
    self.properties = properties
  }

  private init(renewing other: WorkerImplementation) {
    name = other.name
    summary = other.summary
    files = other.files
    command = other.command
    limits = other.limits
    properties = other.properties
    isProbed = other.isProbed
    record = other.record
  }

  /// Starts a worker for the first time.
  private static func start(
    _ command: WorkerProcess.Command, _ operation: AuditedOperation?, _ limits: WorkerLimits,
    _ name: String
  ) throws(UserError) -> (WorkerConnection, WorkerDescription) {
    do throws(WorkerConnection.StartFailure) {
      return try WorkerConnection.start(command, of: operation, within: limits.load)
    } catch {
      switch error {
      case .unusable(let text): throw UserError(.notMeasured, text)
      case .trouble(.late(let seconds, let words)):
        throw UserError(
          .notMeasured,
          "\(name) was not loaded within \(seconds) s, and --time-limit allows no more\(words)")
      case .trouble(.died(let text)), .trouble(.fellSilent(let text)),
        .trouble(.rubbish(let text)):
        throw UserError(.notMeasured, "\(name) cannot be loaded: \(text)")
      }
    }
  }

  /// The same implementation in a process that is yet to be started.
  package func renewed() -> any SoftmaxImplementation { WorkerImplementation(renewing: self) }

  package var startsSlowly: Bool { isProbed }

  // MARK: What it has

  package var environment: [String: String] {
    var known = properties.environment
    connection.withLock { $0?.lookAtMemory() }
    if let peak = command.memory.peak {
      known[EnvironmentFact.peakMemory] = "\((peak + (1 << 20) - 1) >> 20) MiB"
    }
    return known
  }

  /// The way calls are made, in words, where the worker had to find that out; `nil` where there is
  /// but one way.
  package var callDescription: String? { properties.environment[callKey] }

  /// The result of trying formats.
  private struct Trial {
    /// The output formats of each input format.
    var outputs: [FloatFormat: [FloatFormat]] = [:]
    /// The way calls are made, in words; `nil` where there is but one way.
    var way: String?
    /// By the format, what to say of a first answer that did not come in time.
    var hangs: [FloatFormat: String] = [:]
    /// The worker that was asked last, if it lives.
    var connection: WorkerConnection?
  }

  /// Tries formats.
  ///
  /// A format is left out where the implementation says that it does not take it. Where trying
  /// kills it or takes forever, it is offered: the calls that follow tell of that.
  private static func probe(
    _ started: WorkerConnection, _ formats: [FloatFormat], _ command: WorkerProcess.Command,
    _ limits: WorkerLimits, name: String
  ) throws -> Trial {
    var trial = Trial(connection: started)
    var refusals: [(reason: String, formats: [FloatFormat])] = []
    for format in formats {
      guard trial.hangs.count < toleratedHangs else {
        trial.outputs[format] = [format]
        continue
      }
      do throws(WorkerTrouble) {
        let connection: WorkerConnection
        if let living = trial.connection {
          connection = living
        } else {
          connection = try restart(command, started.operation, limits)
          trial.connection = connection
        }
        switch try connection.probe(format, within: limits.firstAnswer) {
        case .gives(let output, let call):
          trial.outputs[format] = [output]
          trial.way = trial.way ?? call
        case .refuses(let reason):
          if let place = refusals.firstIndex(where: { $0.reason == reason }) {
            refusals[place].formats.append(format)
          } else {
            refusals.append((reason, [format]))
          }
        }
      } catch {
        trial.connection = nil
        trial.outputs[format] = [format]
        if case .late(let seconds, let words) = error {
          trial.hangs[format] = "no answer within \(seconds) s to the first call\(words)"
        }
      }
    }
    if trial.outputs.isEmpty {
      // The same refusal of every format is not about formats.
      if refusals.count == 1 {
        throw UserError(.notMeasured, "\(name) cannot be called: \(refusals[0].reason)")
      }
      let reasons = refusals.map {
        "\($0.formats.map(\.rawValue).joined(separator: ", ")): \($0.reason)"
      }
      let which = formats.count == FloatFormat.allCases.count ? "formats" : "formats asked for"
      throw UserError(
        .notMeasured, "\(name) takes none of the \(which); \(reasons.joined(separator: "; "))")
    }
    return trial
  }

  // MARK: Calls

  package func answer<F: BinaryFloat, G: BinaryFloat>(
    to inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    guard properties.layouts.contains(layout) else {
      throw InternalError(
        "\(name) was asked for the layout \(layout.rawValue), which it does not have")
    }
    guard properties.outputs[F.format]?.contains(G.format) == true else {
      throw UserError(
        .notMeasured, "\(name) gives no \(G.format.rawValue) for \(F.format.rawValue)")
    }
    try refuseModifiers(notOffered: inputs)
    return try withConnection(for: F.format) { connection in
      operation == .attention
        ? try connection.callAttention(
          inputs, laidOut: layout, as: output, within: limits.call)
        : try connection.call(inputs, laidOut: layout, as: output, within: limits.call)
    }
  }

  package func inspections(in format: FloatFormat) throws -> [Inspection] {
    guard isProbed else { return [] }
    return try withConnection(for: format) { connection in
      try connection.inspect(format, within: limits.firstAnswer)
    }
  }

  /// Does something with a living worker; one that fails is replaced before the next call.
  ///
  /// The worker has answered in the format before: it may take longer for the first answer, which
  /// compiles and loads.
  private func withConnection<Result: Sendable>(
    for format: FloatFormat, _ work: (WorkerConnection) throws -> Result
  ) throws -> Result {
    try connection.withLock { connection in
      if let explanation = record.takeUntoldHang(in: format) {
        throw CallFailure(.hang, explanation)
      }
      guard !record.isGivenUp else {
        throw UserError(
          .notMeasured,
          "\(name) was given up after \(Self.toleratedHangs) calls without an answer within \(limits.call) s"
        )
      }
      do {
        let living =
          try connection ?? record.takeUnused() ?? Self.restart(command, operation, limits)
        connection = living
        if isProbed, !living.warmFormats.contains(format) { try warm(living, format) }
        return try work(living)
      } catch let trouble as WorkerTrouble {
        connection = nil
        throw failure(trouble)
      }
    }
  }

  private func warm(
    _ connection: WorkerConnection, _ format: FloatFormat
  ) throws(WorkerTrouble) {
    let limit = record.isSlow(format) ? limits.call : limits.firstAnswer
    do {
      _ = try connection.probe(format, within: limit)
    } catch {
      if case .late = error { record.noteSlowStart(in: format) }
      throw error
    }
  }

  /// The failure of a call, in terms of calls.
  private func failure(_ trouble: WorkerTrouble) -> CallFailure {
    switch trouble {
    case .died(let text): return CallFailure(.crash, text)
    case .rubbish(let text): return CallFailure(.rubbish, text)
    case .fellSilent(let text):
      // Its end takes as much patience as a hang does.
      record.noteHang()
      return CallFailure(.crash, text)
    case .late(let seconds, let words):
      record.noteHang()
      return CallFailure(.hang, "no answer within \(seconds) s\(words)")
    }
  }

  /// Starts a worker again.
  ///
  /// It could be loaded once. That it no longer can is its own failure.
  private static func restart(
    _ command: WorkerProcess.Command, _ operation: AuditedOperation, _ limits: WorkerLimits
  ) throws(WorkerTrouble) -> WorkerConnection {
    do throws(WorkerConnection.StartFailure) {
      let (connection, _) = try WorkerConnection.start(
        command, of: operation, within: limits.load)
      guard connection.operation == operation else {
        throw .trouble(.rubbish("it computed \(operation), and now \(connection.operation)"))
      }
      return connection
    } catch {
      switch error {
      case .unusable(let text): throw .died("it can no longer be loaded: \(text)")
      case .trouble(let trouble): throw trouble
      }
    }
  }
}

/// The key of the environment of an implementation under which it says how it is called.
private let callKey = "call"

private var allFormatNames: String {
  FloatFormat.allCases.map(\.rawValue).joined(separator: ", ")
}
