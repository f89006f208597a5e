import FloatFormats
import SoftmaxAudit
import SoftmaxOracle
import SoftmaxVariants
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An implementation that computes in a process of its own.
///
/// The process starts with the first call and lives until the instance is given up, dies, hangs or talks nonsense; the
/// call after that gets a new one. Concurrent calls wait for one another.
public final class WorkerImplementation: SoftmaxImplementation {
  public let name: String
  public let summary: String
  private let command: WorkerProcess.Command
  private let limits: Limits
  private let properties: WorkerDescription.Properties
  private let isProbed: Bool
  /// What is known of all instances together.
  private let record: Record
  private let connection = Mutex<Connection?>(nil)

  /// How long a worker may take.
  public struct Limits: Sendable {
    /// Seconds for a call.
    public var call: Double
    /// Seconds for loading an implementation, and for its first answer in a format.
    public var start: Double

    public init(call: Double = 5, start: Double = 300) {
      self.call = call
      self.start = max(start, call)
    }
  }

  /// After so many calls without an answer in time, an implementation is given up.
  public static let toleratedHangs = 3

  private final class Record: Sendable {
    private let hangs = Atomic(0)
    var isGivenUp: Bool { hangs.load(ordering: .relaxed) >= toleratedHangs }
    func noteHang() { hangs.add(1, ordering: .relaxed) }
  }

  /// Starts a worker and finds out what it has.
  ///
  /// - Parameters:
  ///   - name: The name in results; nil for the worker's own.
  ///   - words: The program and its arguments.
  ///   - environment: Variables added to those of this process.
  ///   - summary: What it is, in one line.
  /// - Throws: ``UserError`` of kind `notMeasured` where the worker cannot be started or has nothing to offer.
  public init(
    name: String?, words: [String], environment: [String: String] = [:], summary: String,
    limits: Limits = Limits()
  ) throws {
    let command = WorkerProcess.Command(words: words, environment: environment)
    let working = name ?? summary
    let (started, description) = try Connection.start(command, limits, name: working)
    self.name = name ?? description.name ?? summary
    self.summary = summary
    self.command = command
    self.limits = limits
    isProbed = description.probe
    record = Record()
    var properties = try description.properties(of: self.name)
    var way: String?
    if description.probe {
      (properties.outputs, way) = try Self.probe(started, command, limits, name: working)
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
    command = other.command
    limits = other.limits
    properties = other.properties
    isProbed = other.isProbed
    record = other.record
  }

  /// The same implementation in a process that is yet to be started.
  public func renewed() -> any SoftmaxImplementation { WorkerImplementation(renewing: self) }

  // MARK: What it has

  public var formats: [FloatFormat] {
    FloatFormat.allCases.filter { properties.outputs[$0] != nil }
  }
  public func defaultOutputFormat(for input: FloatFormat) -> FloatFormat {
    properties.outputs[input]?.first ?? input
  }
  public func declaredModel(for input: FloatFormat) -> SoftmaxVariant? { properties.model }
  public var specialLanes: SpecialLanePolicy { properties.specialLanes }
  public var underflow: UnderflowPolicy { properties.underflow }
  public var promisedLaws: Set<String> { properties.promisedLaws }
  public var layouts: [TensorLayout] { properties.layouts }
  public var environment: [String: String] { properties.environment }

  /// How calls are made, in words, where the worker had to find that out; nil where there is but one way.
  public var callDescription: String? { properties.environment[callKey] }

  /// The output formats of each input format, found by trying, and how calls are made.
  ///
  /// A format is left out where the implementation says that it does not take it. Where trying kills it or takes
  /// forever, it is offered: the calls that follow tell of the crash.
  private static func probe(
    _ started: Connection, _ command: WorkerProcess.Command, _ limits: Limits, name: String
  ) throws -> ([FloatFormat: [FloatFormat]], way: String?) {
    var outputs: [FloatFormat: [FloatFormat]] = [:]
    var connection = started
    var way: String?
    var refusals: [(reason: String, formats: [FloatFormat])] = []
    for format in FloatFormat.allCases {
      do {
        switch try connection.probe(format, within: limits.start) {
        case .gives(let output, let call):
          outputs[format] = [output]
          way = way ?? call
        case .refuses(let reason):
          if let place = refusals.firstIndex(where: { $0.reason == reason }) {
            refusals[place].formats.append(format)
          } else {
            refusals.append((reason, [format]))
          }
        }
      } catch {
        outputs[format] = [format]
        connection = try Connection.start(command, limits, name: name).0
      }
    }
    if outputs.isEmpty {
      // The same refusal of every format is not about formats.
      if refusals.count == 1 {
        throw UserError(.notMeasured, "\(name) cannot be called: \(refusals[0].reason)")
      }
      let reasons = refusals.map {
        "\($0.formats.map(\.rawValue).joined(separator: ", ")): \($0.reason)"
      }
      throw UserError(
        .notMeasured, "\(name) takes none of the formats; \(reasons.joined(separator: "; "))")
    }
    return (outputs, way)
  }

  // MARK: Calls

  public func softmax<F: BinaryFloat, G: BinaryFloat>(
    _ logits: Tensor<F>, as output: G.Type
  ) throws -> Tensor<G> {
    try answer(to: logits, laidOut: .rowMajor, as: output).probabilities
  }

  public func answer<F: BinaryFloat, G: BinaryFloat>(
    to logits: Tensor<F>, laidOut layout: TensorLayout, as output: G.Type
  ) throws -> SoftmaxAnswer<G> {
    guard properties.layouts.contains(layout) else {
      throw InternalError(
        "\(name) was asked for the layout \(layout.rawValue), which it does not have")
    }
    guard properties.outputs[F.format]?.contains(G.format) == true else {
      throw UserError(
        .notMeasured, "\(name) gives no \(G.format.rawValue) for \(F.format.rawValue)")
    }
    return try withConnection { connection in
      if isProbed { try connection.warm(F.format, within: limits.start) }
      return try connection.call(
        logits, laidOut: layout, as: output, within: limits.call)
    }
  }

  public func inspections(in format: FloatFormat) throws -> [Inspection] {
    guard isProbed else { return [] }
    return try withConnection { connection in
      try connection.warm(format, within: limits.start)
      return try connection.inspect(format, within: max(limits.call, 60))
    }
  }

  /// Does something with a living worker; one that fails is replaced before the next call.
  private func withConnection<Result: Sendable>(
    _ work: (Connection) throws -> Result
  ) throws -> Result {
    try connection.withLock { connection in
      guard !record.isGivenUp else {
        throw UserError(
          .notMeasured,
          "\(name) was given up after \(Self.toleratedHangs) calls without an answer within \(limits.call) s"
        )
      }
      do {
        let living: Connection
        if let connection {
          living = connection
        } else {
          living = try Self.restart(command, limits, name)
          connection = living
        }
        return try work(living)
      } catch let trouble as WorkerTrouble {
        connection = nil
        switch trouble {
        case .died(let text): throw CallFailure(.crash, text)
        case .rubbish(let text): throw CallFailure(.rubbish, text)
        case .late(let seconds, let words):
          record.noteHang()
          throw CallFailure(.hang, "no answer within \(seconds) s\(words)")
        }
      }
    }
  }

  private static func restart(
    _ command: WorkerProcess.Command, _ limits: Limits, _ name: String
  ) throws -> Connection {
    do {
      return try Connection.start(command, limits, name: name).0
    } catch {
      // It could be loaded once. That it no longer can is its own failure.
      throw CallFailure(.crash, error.message)
    }
  }
}

/// Where the environment of an implementation says how it is called.
private let callKey = "call"

private var allFormatNames: String {
  FloatFormat.allCases.map(\.rawValue).joined(separator: ", ")
}

/// A worker that has said that it is ready, and the memory shared with it.
private final class Connection {
  private let process: WorkerProcess
  private var memory: SharedMemory?
  private var sequence: UInt64 = 0
  private var warmFormats: Set<FloatFormat> = []

  private init(_ process: WorkerProcess) { self.process = process }

  static func start(
    _ command: WorkerProcess.Command, _ limits: WorkerImplementation.Limits, name: String
  ) throws(UserError) -> (Connection, WorkerDescription) {
    do {
      let process = try WorkerProcess(command)
      var hello = MessageContent()
      hello.put(WorkerMessage.protocolVersion)
      try process.send(.hello, hello)
      let (kind, content) = try process.receive(within: limits.start)
      switch WorkerMessage(rawValue: kind) {
      case .ready:
        guard let read = try? JSONDecoder().decode(WorkerDescription.self, from: Data(content))
        else { throw WorkerTrouble.rubbish("the worker describes itself in no way we can read") }
        return (Connection(process), read)
      case .unusable:
        throw UserError(.notMeasured, String(decoding: content, as: UTF8.self))
      default:
        throw WorkerTrouble.rubbish("the worker does not speak the protocol")
      }
    } catch let error as UserError {
      throw error
    } catch WorkerTrouble.died(let text) {
      throw UserError(.notMeasured, "\(name) cannot be loaded: \(text)")
    } catch WorkerTrouble.rubbish(let text) {
      throw UserError(.notMeasured, "\(name) cannot be loaded: \(text)")
    } catch WorkerTrouble.late(let seconds, let words) {
      throw UserError(.notMeasured, "\(name) was not loaded within \(seconds) s\(words)")
    } catch {
      throw UserError(.notMeasured, "\(name) cannot be loaded: \(error)")
    }
  }

  /// Sends a request and gives back the answer to it, without its sequence number.
  private func exchange(
    _ kind: WorkerMessage, _ content: MessageContent, within limit: Double
  ) throws(WorkerTrouble) -> (WorkerMessage, MessageReader) {
    if process.hasUnreadBytes {
      throw .rubbish("the worker sent more than was asked; has the implementation forked?")
    }
    try process.send(kind, content)
    let (answer, bytes) = try process.receive(within: limit)
    var reader = MessageReader(bytes)
    guard let known = WorkerMessage(rawValue: answer), let number = reader.take(UInt64.self),
      number == sequence
    else { throw .rubbish("the worker answered something that was not asked") }
    return (known, reader)
  }

  // MARK: Formats

  enum Probed {
    /// The output format, and how calls are made; nil where there is but one way.
    case gives(FloatFormat, call: String?)
    case refuses(String)
  }

  func probe(_ format: FloatFormat, within limit: Double) throws(WorkerTrouble) -> Probed {
    sequence += 1
    var content = MessageContent()
    content.put(sequence)
    content.put(format.protocolCode)
    var (kind, reader) = try exchange(.probe, content, within: limit)
    guard kind == .probed, let code = reader.take(UInt32.self) else {
      throw .rubbish("the worker did not say which output format it has")
    }
    warmFormats.insert(format)
    if code == WorkerMessage.noFormat { return .refuses(reader.text) }
    guard let output = FloatFormat(protocolCode: code) else {
      throw .rubbish("the worker names an output format \(code), which there is not")
    }
    let call = reader.text
    return .gives(output, call: call.isEmpty ? nil : call)
  }

  /// Lets the implementation compile and load what it needs for a format before calls have a time limit.
  func warm(_ format: FloatFormat, within limit: Double) throws(WorkerTrouble) {
    guard !warmFormats.contains(format) else { return }
    _ = try probe(format, within: limit)
  }

  func inspect(_ format: FloatFormat, within limit: Double) throws(WorkerTrouble) -> [Inspection] {
    sequence += 1
    var content = MessageContent()
    content.put(sequence)
    content.put(format.protocolCode)
    let (kind, reader) = try exchange(.inspect, content, within: limit)
    guard kind == .inspected,
      let found = try? JSONDecoder().decode([Inspection].self, from: Data(reader.remaining))
    else { throw .rubbish("the worker did not say what it found") }
    return found
  }

  // MARK: Calls

  func call<F: BinaryFloat, G: BinaryFloat>(
    _ logits: Tensor<F>, laidOut layout: TensorLayout, as output: G.Type, within limit: Double
  ) throws -> SoftmaxAnswer<G> {
    let geometry = logits.geometry
    let inputSize = geometry.elementCount * MemoryLayout<F>.size
    let outputSize = geometry.elementCount * MemoryLayout<G>.size
    let outputOffset = (inputSize + 63) / 64 * 64
    let memory = try room(for: outputOffset + outputSize)
    logits.elements.withUnsafeBytes {
      memory.start.copyMemory(
        from: $0.baseAddress ?? UnsafeRawPointer(memory.start), byteCount: $0.count)
    }
    sequence += 1
    let call = WorkerCall(
      sequence: sequence, input: F.format, output: G.format, layout: layout, axis: geometry.axis,
      shape: geometry.shape, inputOffset: 0, outputOffset: outputOffset)
    var (kind, reader) = try exchange(.call, call.content, within: limit)
    memory.forgetPath()
    switch kind {
    case .done:
      guard let nanoseconds = reader.take(UInt64.self) else {
        throw WorkerTrouble.rubbish("the worker's answer is cut short")
      }
      let report = reader.remaining
      var misconduct: [Misconduct] = []
      if !report.isEmpty {
        guard let read = try? JSONDecoder().decode([Misconduct].self, from: Data(report)) else {
          throw WorkerTrouble.rubbish("the worker reports misconduct in no way we can read")
        }
        misconduct = read
      }
      let elements = [G](unsafeUninitializedCapacity: geometry.elementCount) { buffer, count in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(
          from: UnsafeRawBufferPointer(start: memory.start + outputOffset, count: outputSize))
        count = geometry.elementCount
      }
      var answer = SoftmaxAnswer(
        Tensor(geometry: geometry, elements: elements), misconduct: misconduct)
      if nanoseconds > 0 { answer.duration = .nanoseconds(Int64(clamping: nanoseconds)) }
      return answer
    case .failed:
      let isRubbish = reader.take(UInt32.self) == 1
      throw CallFailure(isRubbish ? .rubbish : .refusal, reader.text)
    default:
      throw WorkerTrouble.rubbish("the worker answered something that was not asked")
    }
  }

  /// Memory with room for so many bytes, which the worker knows.
  private func room(for size: Int) throws -> SharedMemory {
    if let memory, memory.size >= size { return memory }
    var capacity = 1 << 16
    while capacity < size { capacity *= 2 }
    memory = nil
    let memory = try SharedMemory(size: capacity)
    var content = MessageContent()
    content.put(UInt64(capacity))
    content.put(memory.path)
    try process.send(.memory, content)
    self.memory = memory
    return memory
  }
}
