import AuditedOperations
import Basics
import CForeignCalls
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The worker of a C plug-in: this program at the other end of the pipe.
package final class PluginWorker {
  private let commands: Int32
  private let answers: Int32
  private var memory: SharedMemory?

  /// Serves one library until standard input ends; never returns.
  package static func serve(_ place: PluginPlace) -> Never {
    // What the library prints must not get into the answers: they go through a copy, and standard
    // output to where standard error goes.
    let commands = fcntl(0, F_DUPFD_CLOEXEC, 3)
    let answers = fcntl(1, F_DUPFD_CLOEXEC, 3)
    let nothing = open("/dev/null", O_RDONLY)
    dup2(nothing, 0)
    dup2(2, 1)
    softmax_audit_end_with(commands)
    softmax_audit_explain_faults()
    PluginWorker(commands: commands, answers: answers).run(place)
  }

  private init(commands: Int32, answers: Int32) {
    self.commands = commands
    self.answers = answers
  }

  private func run(_ place: PluginPlace) -> Never {
    guard let (kind, greeting) = receive(), kind == WorkerMessage.hello.rawValue else { exit(64) }
    var reader = MessageReader(greeting)
    _ = reader.take(UInt32.self)
    let operation: AuditedOperation
    let host: PluginHost
    do throws(UserError) {
      guard let known = AuditedOperation(named: reader.text.isEmpty ? "softmax" : reader.text)
      else { throw UserError(.notMeasured, "there is no operation \(reader.text)") }
      operation = known
      let library = try PluginLibrary(
        place, of: operation, fence: ForeignCallFence(place: .worker))
      var description = library.description
      description.name = description.name ?? place.defaultName
      description.environment = (description.environment ?? [:]).merging(
        ["processor features": String(cString: softmax_audit_processor_features())]) { own, _ in own
        }
      var content = MessageContent()
      content.put([UInt8]((try? JSONEncoder().encode(description)) ?? Data()))
      send(.ready, content)
      host = PluginHost(
        library, fence: ForeignCallFence(place: .worker), alignment: description.domain?.alignment)
    } catch {
      var content = MessageContent()
      content.put(error.message)
      send(.unusable, content)
      exit(0)
    }
    while let (kind, content) = receive() {
      switch WorkerMessage(rawValue: kind) {
      case .memory:
        var reader = MessageReader(content)
        let size = reader.take(UInt64.self).flatMap { Int(exactly: $0) } ?? 0
        memory = SharedMemory(path: reader.text, size: size)
      case .call: answer(WorkerCall(content), operation, host)
      case .attention: answer(AttentionWorkerCall(content), host)
      default: exit(64)
      }
    }
    // Not `exit`: handlers that the library registered may crash or hang.
    _exit(0)
  }

  private func answer(_ call: WorkerCall?, _ operation: AuditedOperation, _ host: PluginHost) {
    guard let call, let memory else { exit(64) }
    var content = MessageContent()
    content.put(call.sequence)
    do {
      let geometry = try LaneGeometry(shape: call.shape, axis: call.axis)
      let inputSize = geometry.elementCount * call.input.bitWidth / 8
      let outputSize =
        operation.outputGeometry(for: geometry).elementCount * call.output.bitWidth / 8
      guard call.inputOffset + inputSize <= memory.size,
        call.outputOffset + outputSize <= memory.size
      else { exit(64) }
      let accompanying = try accompanying(call, geometry, operation, memory)
      let outcome = try host.call(
        geometry, from: call.input,
        UnsafeRawBufferPointer(start: memory.start + call.inputOffset, count: inputSize),
        accompanying, laidOut: call.layout, to: call.output,
        UnsafeMutableRawBufferPointer(start: memory.start + call.outputOffset, count: outputSize))
      tell(outcome, &content)
    } catch {
      tell(error, &content)
    }
  }

  private func answer(_ call: AttentionWorkerCall?, _ host: PluginHost) {
    guard let call, let memory else { exit(64) }
    var content = MessageContent()
    content.put(call.sequence)
    do {
      func bytes(_ count: Int, at offset: Int) -> UnsafeMutableRawBufferPointer {
        guard offset > 0, count <= memory.size - offset else { exit(64) }
        return UnsafeMutableRawBufferPointer(start: memory.start + offset, count: count)
      }
      let elementSize = call.input.bitWidth / 8
      let inputs = zip(call.inputOffsets, call.sizes.inputCounts).map { offset, count in
        offset.map { [UInt8](bytes(count * elementSize, at: $0)) }
      }
      guard inputs[..<3].allSatisfy({ $0 != nil }) else { exit(64) }
      let outcome = try host.call(
        AttentionBytes(
          call.sizes, scale: call.scale, softcap: call.softcap, causal: call.causal,
          inputs: inputs, elementSize: elementSize), from: call.input, laidOut: call.layout,
        to: call.output,
        bytes(call.sizes.outputCount * call.output.bitWidth / 8, at: call.outputOffset),
        bytes(call.sizes.rowCount * MemoryLayout<Float>.size, at: call.logSumExpOffset))
      tell(outcome, &content)
    } catch {
      tell(error, &content)
    }
  }

  private func tell(_ outcome: PluginHost.Outcome, _ content: inout MessageContent) {
    content.put(outcome.nanoseconds)
    if !outcome.misconduct.isEmpty {
      content.put([UInt8]((try? JSONEncoder().encode(outcome.misconduct)) ?? Data()))
    }
    send(.done, content)
  }

  private func tell(_ error: any Error, _ content: inout MessageContent) {
    let isOffered = (error as? UserError)?.kind != .notMeasured
    content.put(isOffered ? WorkerMessage.refusal : WorkerMessage.notOffered)
    content.put(
      (error as? CallFailure)?.explanation ?? (error as? UserError)?.message ?? "\(error)")
    send(.failed, content)
  }

  /// The inputs beside the first.
  private func accompanying(
    _ call: WorkerCall, _ geometry: LaneGeometry, _ operation: AuditedOperation,
    _ memory: SharedMemory
  ) throws -> AccompanyingBytes? {
    guard operation.hasAccompanyingInputs || call.places.modifiers != nil else { return nil }
    let elementSize = call.input.bitWidth / 8
    let takesTargets = operation.inputs.contains(.targets)
    func bytes(at offset: Int, count: Int) -> [UInt8] {
      guard offset >= 0, offset + count <= memory.size else { exit(64) }
      return [UInt8](UnsafeRawBufferPointer(start: memory.start + offset, count: count))
    }
    if let places = call.places.modifiers {
      var modifiers = places.bytes
      if modifiers.mask != nil {
        modifiers.mask = bytes(at: places.mask, count: geometry.elementCount * elementSize)
      }
      if modifiers.sink != nil {
        modifiers.sink = bytes(at: places.sink, count: geometry.laneCount * elementSize)
      }
      return AccompanyingBytes(modifiers: modifiers, elementSize: elementSize)
    }
    guard let second = call.places.second, !takesTargets || call.places.loss != nil else {
      exit(64)
    }
    let count = takesTargets ? geometry.laneCount : geometry.elementCount
    let size = takesTargets ? MemoryLayout<Int64>.size : elementSize
    return AccompanyingBytes(
      second: bytes(at: second, count: count * size), elementSize: size,
      loss: call.places.loss.map { loss in
        AccompanyingBytes.Loss(
          labelSmoothing: loss.labelSmoothing, ignoreIndex: loss.ignoreIndex,
          classWeights: loss.classWeights.map {
            bytes(at: $0, count: geometry.length * elementSize)
          })
      })
  }

  // MARK: Messages

  private func send(_ kind: WorkerMessage, _ content: MessageContent) {
    var rest = content.message(kind)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(answers, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { _exit(0) }
      rest = rest.dropFirst(count)
    }
  }

  private func receive() -> (kind: UInt32, content: [UInt8])? {
    guard let header = read(exactly: WorkerMessage.headerSize) else { return nil }
    var reader = MessageReader(header)
    guard let kind = reader.take(UInt32.self), let size = reader.take(UInt32.self),
      Int(size) <= WorkerMessage.largestContent, let content = read(exactly: Int(size))
    else { return nil }
    return (kind, content)
  }

  private func read(exactly count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let read = bytes.withUnsafeMutableBytes { buffer in
        #if canImport(Glibc)
          Glibc.read(commands, buffer.baseAddress.map { $0 + done }, count - done)
        #else
          Darwin.read(commands, buffer.baseAddress.map { $0 + done }, count - done)
        #endif
      }
      if read < 0, errno == EINTR { continue }
      guard read > 0 else { return nil }
      done += read
    }
    return bytes
  }
}
