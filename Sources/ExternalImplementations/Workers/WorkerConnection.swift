import AuditedOperations
import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A worker that has said that it is ready, and the file shared with it.
///
/// One owner hands it to the next and keeps nothing of it: it is never in use by two threads.
final class WorkerConnection: @unchecked Sendable {
  private let process: WorkerProcess
  let transfer: WorkerDescription.Transfer
  /// The operation that the worker computes.
  let operation: AuditedOperation
  private var file: SharedFile?
  private var sequence: UInt64 = 0
  /// The formats in which the implementation has compiled and loaded what it needs.
  private(set) var warmFormats: Set<FloatFormat> = []

  private init(_ process: WorkerProcess, _ description: WorkerDescription) {
    self.process = process
    transfer = description.transfer.flatMap { WorkerDescription.Transfer(rawValue: $0) } ?? .file
    operation = description.operation.flatMap { AuditedOperation(named: $0) } ?? .softmax
  }

  /// The reason why a worker could not be started.
  enum StartFailure: Error {
    /// It says itself that there is nothing to call.
    case unusable(String)
    case trouble(WorkerTrouble)
  }

  /// Starts a worker and waits until it is ready.
  ///
  /// - Parameter operation: The operation that it is asked for; nil for its own choice.
  static func start(
    _ command: WorkerProcess.Command, of operation: AuditedOperation?, within limit: Double
  ) throws(StartFailure) -> (WorkerConnection, WorkerDescription) {
    let process: WorkerProcess
    let kind: UInt32
    let content: [UInt8]
    do throws(WorkerTrouble) {
      process = try WorkerProcess(command)
      try process.send(command.input, within: limit)
      var hello = MessageContent()
      hello.put(WorkerMessage.protocolVersion)
      // Workers that know no operation but softmax need not know that there are others.
      if let operation, operation != .softmax { hello.put(operation.name) }
      try process.send(.hello, hello, within: limit)
      (kind, content) = try process.receive(within: limit)
    } catch {
      throw .trouble(error)
    }
    switch WorkerMessage(rawValue: kind) {
    case .ready: break
    case .unusable: throw .unusable(ForeignText.shown(content))
    default: throw .trouble(.rubbish("the worker does not speak the protocol"))
    }
    do {
      let description = try JSONDecoder().decode(WorkerDescription.self, from: Data(content))
      return (WorkerConnection(process, description), description)
    } catch let unknown as UnknownKeys {
      throw .unusable("the worker describes itself by \(unknown.sentence)")
    } catch {
      throw .trouble(.rubbish("the worker describes itself in no way we can read"))
    }
  }

  /// Notes how much memory the worker has taken so far.
  func lookAtMemory() { process.lookAtMemory() }

  // MARK: Messages

  /// Sends a request and gives back the answer to it, without its sequence number.
  ///
  /// - Parameter input: A tensor that follows the request in messages.
  func exchange(
    _ kind: WorkerMessage, _ content: MessageContent, followedBy input: [UInt8] = [],
    within limit: Double
  ) throws(WorkerTrouble) -> (WorkerMessage, MessageReader) {
    if process.hasUnreadBytes {
      throw .rubbish("the worker sent more than was asked; has the implementation forked?")
    }
    try process.send(kind, content, within: limit)
    for start in stride(from: 0, to: input.count, by: WorkerMessage.largestPiece) {
      var piece = MessageContent()
      piece.put([UInt8](input[start..<min(start + WorkerMessage.largestPiece, input.count)]))
      try process.send(.input, piece, within: limit)
    }
    let (answer, bytes) = try process.receive(within: limit)
    return try read(answer, bytes)
  }

  private func read(
    _ answer: UInt32, _ bytes: [UInt8]
  ) throws(WorkerTrouble) -> (WorkerMessage, MessageReader) {
    var reader = MessageReader(bytes)
    guard let known = WorkerMessage(rawValue: answer) else {
      throw .rubbish("the worker answered something that was not asked")
    }
    if known == .output { return (known, reader) }
    guard reader.take(UInt64.self) == sequence else {
      throw .rubbish("the worker answered something that was not asked")
    }
    return (known, reader)
  }

  private func numbered(_ format: FloatFormat) -> MessageContent {
    sequence += 1
    var content = MessageContent()
    content.put(sequence)
    content.put(format.protocolCode)
    return content
  }

  // MARK: Formats

  /// The result of trying a format.
  enum Probed {
    /// The output format, and how calls are made; nil where there is but one way.
    case gives(FloatFormat, call: String?)
    case refuses(String)
  }

  /// Lets the implementation compile and load what it needs for a format, and asks which output
  /// format comes of it.
  func probe(_ format: FloatFormat, within limit: Double) throws(WorkerTrouble) -> Probed {
    var (kind, reader) = try exchange(.probe, numbered(format), within: limit)
    guard kind == .probed, let code = reader.take(UInt32.self) else {
      throw .rubbish("the worker did not say which output format it has")
    }
    warmFormats.insert(format)
    if code == WorkerMessage.noFormat { return .refuses(ForeignText.shown(reader.remaining)) }
    guard let output = FloatFormat(protocolCode: code) else {
      throw .rubbish("the worker names an output format \(code), which there is not")
    }
    let call = ForeignText.shown(reader.remaining)
    return .gives(output, call: call.isEmpty ? nil : call)
  }

  func inspect(_ format: FloatFormat, within limit: Double) throws(WorkerTrouble) -> [Inspection] {
    let (kind, reader) = try exchange(.inspect, numbered(format), within: limit)
    guard kind == .inspected,
      let found = try? JSONDecoder().decode([Inspection].self, from: Data(reader.remaining))
    else { throw .rubbish("the worker did not say what it found") }
    return found.map {
      Inspection(
        law: ForeignText.shown($0.law), passed: $0.passed,
        explanation: ForeignText.shown($0.explanation))
    }
  }

  // MARK: Calls

  func call<F: BinaryFloat, G: BinaryFloat>(
    _ inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type,
    within limit: Double
  ) throws -> SoftmaxAnswer<G> {
    let logits = inputs.first
    let geometry = logits.geometry
    let accompanying = try AccompanyingBytes(inputs)
    let outputs = operation.outputGeometry(for: geometry)
    let inputSize = geometry.elementCount * MemoryLayout<F>.size
    let outputSize = outputs.elementCount * MemoryLayout<G>.size
    let (places, inputsEnd) = OperandPlaces.laidOut(firstSize: inputSize, accompanying)
    let outputOffset = transfer == .file ? (inputsEnd + 63) / 64 * 64 : 0
    var input: [UInt8] = []
    switch transfer {
    case .file:
      let file = try room(for: outputOffset + outputSize, within: limit)
      try logits.elements.withUnsafeBytes { try file.write($0, at: 0) }
      try forEachPart(accompanying, places) { part, offset in
        try part.withUnsafeBytes { try file.write($0, at: offset) }
      }
      // What the worker leaves out is known by what was there before.
      try file.fill(count: outputSize, at: outputOffset, as: G.format)
    case .messages:
      input = logits.elements.withUnsafeBytes { [UInt8]($0) }
      forEachPart(accompanying, places) { part, offset in
        input += [UInt8](repeating: 0, count: offset - input.count) + part
      }
    }
    let call = WorkerCall(
      sequence: nextSequence(), input: F.format, output: G.format, layout: layout,
      axis: geometry.axis,
      shape: geometry.shape, inputOffset: 0, outputOffset: outputOffset, places: places)
    var (kind, reader) = try exchange(
      .call, call.content, followedBy: input, within: limit)
    var received: [UInt8] = []
    while kind == .output {
      received += reader.remaining
      guard transfer == .messages, received.count <= outputSize else {
        throw WorkerTrouble.rubbish("the worker sent more of an output than the call has")
      }
      let (next, bytes) = try process.receive(within: limit)
      (kind, reader) = try read(next, bytes)
    }
    file?.forgetPath()
    switch kind {
    case .done:
      guard let nanoseconds = reader.take(UInt64.self) else {
        throw WorkerTrouble.rubbish("the worker's answer is cut short")
      }
      let misconduct = try misconduct(in: reader.remaining)
      if transfer == .messages, received.count != outputSize {
        throw WorkerTrouble.rubbish(
          "the worker sent \(received.count) bytes of an output of \(outputSize)")
      }
      let file = file
      let elements = try [G](unsafeUninitializedCapacity: outputs.elementCount) {
        buffer, count in
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        if transfer == .messages {
          bytes.copyBytes(from: received)
        } else {
          try file?.read(
            UnsafeMutableRawBufferPointer(rebasing: bytes[..<outputSize]), at: outputOffset)
        }
        count = outputs.elementCount
      }
      var answer = SoftmaxAnswer(
        Tensor(geometry: outputs, elements: elements), misconduct: misconduct)
      if nanoseconds > 0 { answer.duration = .nanoseconds(Int64(clamping: nanoseconds)) }
      return answer
    default: throw failure(kind, &reader)
    }
  }

  /// The error that an answer other than *done* tells of.
  func failure(_ kind: WorkerMessage, _ reader: inout MessageReader) -> any Error {
    guard kind == .failed else {
      return WorkerTrouble.rubbish("the worker answered something that was not asked")
    }
    let code = reader.take(UInt32.self)
    let text = ForeignText.shown(reader.remaining)
    if code == WorkerMessage.notOffered { return UserError(.notMeasured, text) }
    return CallFailure(code == WorkerMessage.rubbish ? .rubbish : .refusal, text)
  }

  /// The number of the next call.
  func nextSequence() -> UInt64 {
    sequence += 1
    return sequence
  }

  /// Calls a function with the bytes of each input beside the first, and where they go.
  private func forEachPart(
    _ accompanying: AccompanyingBytes?, _ places: OperandPlaces,
    _ body: ([UInt8], Int) throws -> Void
  ) rethrows {
    guard let accompanying else { return }
    if let places = places.modifiers {
      if let mask = accompanying.modifiers?.mask { try body(mask, places.mask) }
      if let sink = accompanying.modifiers?.sink { try body(sink, places.sink) }
      return
    }
    guard let second = places.second else { return }
    try body(accompanying.second, second)
    if let weights = accompanying.loss?.classWeights, let place = places.loss?.classWeights {
      try body(weights, place)
    }
  }

  func misconduct(in report: [UInt8]) throws(WorkerTrouble) -> [Misconduct] {
    if report.isEmpty { return [] }
    guard let found = try? JSONDecoder().decode([Misconduct].self, from: Data(report)) else {
      throw .rubbish("the worker reports misconduct in no way we can read")
    }
    return found.map { Misconduct($0.kind, ForeignText.shown($0.explanation)) }
  }

  /// A file with room for so many bytes, which the worker knows.
  func room(for size: Int, within limit: Double) throws -> SharedFile {
    if let file, file.size >= size { return file }
    var capacity = 1 << 16
    while capacity < size { capacity *= 2 }
    self.file = nil
    let file = try SharedFile(size: capacity)
    var content = MessageContent()
    content.put(UInt64(capacity))
    content.put(file.path)
    try process.send(.memory, content, within: limit)
    self.file = file
    return file
  }
}
