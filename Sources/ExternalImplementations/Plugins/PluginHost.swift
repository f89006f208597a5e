import AuditedOperations
import Basics
import CForeignCalls
import FloatFormats

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Calls the functions of a plug-in with tensors between fences, and sees what they do besides
/// computing.
final class PluginHost {
  let library: PluginLibrary
  private let input = FencedBuffer()
  let output = FencedBuffer()
  private let second = FencedBuffer()
  private let third = FencedBuffer()
  /// The inputs of an attention, and its logsumexp.
  let attentionInputs = AttentionBytes.names.map { _ in FencedBuffer() }
  let logSumExp = FencedBuffer()
  let fence: ForeignCallFence
  /// The number of bytes that addresses are multiples of; nil for the size of an element.
  private let alignment: Int?
  private let ownProcess = getpid()

  /// A host of a library.
  init(_ library: PluginLibrary, fence: ForeignCallFence, alignment: Int? = nil) {
    self.library = library
    self.fence = fence
    self.alignment = alignment
  }

  /// Whether a fault may end this process: writing to the input is then a fault.
  var mayFault: Bool { fence.place == .worker }

  /// The traces of a call.
  struct Outcome {
    var nanoseconds: UInt64
    var misconduct: [Misconduct]
  }

  /// The status by which a function says that it does not offer what it was asked for.
  private static let notOffered: Int32 = 2

  /// Computes the outputs of row-major inputs.
  ///
  /// - Parameters:
  ///   - logits: The bytes of the first input.
  ///   - accompanying: The inputs beside it.
  ///   - outputs: Where the bytes of the output go. What the plug-in leaves out is ``OutputFill``.
  /// - Throws: ``CallFailure`` where it returns an error, ``UserError`` of kind `notMeasured` where
  ///   it says that it does not offer this.
  func call(
    _ geometry: LaneGeometry, from format: FloatFormat, _ logits: UnsafeRawBufferPointer,
    _ accompanying: AccompanyingBytes?, laidOut layout: TensorLayout, to outputFormat: FloatFormat,
    _ outputs: UnsafeMutableRawBufferPointer
  ) throws -> Outcome {
    let isModified = accompanying?.modifiers != nil
    guard let function = library.function(format, outputFormat, withModifiers: isModified) else {
      throw UserError(
        .notMeasured,
        "it has no function \(isModified ? "with modifiers " : "")from \(format.rawValue) to \(outputFormat.rawValue)"
      )
    }
    let hash = Self.hash([geometry.outer, geometry.length, geometry.inner], logits)
    try input.place(
      logits.count, at: place(hash, layout, elementSize: format.bitWidth / 8))
    try output.place(
      outputs.count, at: place(hash >> 8, layout, elementSize: outputFormat.bitWidth / 8))
    input.bytes.copyMemory(from: logits)
    try place(accompanying, hash, layout)
    OutputFill.fill(output.bytes, as: outputFormat)
    softmax_audit_watch(
      input.bytes.baseAddress, input.bytes.count, output.bytes.baseAddress, output.bytes.count)

    setInputsReadOnly(true, accompanying)
    let clock = ContinuousClock()
    let ((status, elapsed), change) = fence.call { () -> (Int32, Duration) in
      let start = clock.now
      let status = function.call(
        input.pointer, accompanying == nil ? nil : second.pointer, output.mutablePointer, geometry,
        accompanying, third: third.pointer)
      return (status, clock.now - start)
    }
    setInputsReadOnly(false, accompanying)
    try check(status)
    outputs.copyMemory(from: UnsafeRawBufferPointer(output.bytes))
    return Outcome(
      nanoseconds: Self.nanoseconds(elapsed),
      misconduct: misconduct(
        logits, accompanying, elementSize: format.bitWidth / 8, change))
  }

  /// Ends a copy of this process that a plug-in has made, and throws where a call did not succeed.
  func check(_ status: Int32) throws {
    // A plug-in that forks comes back twice. The copy has nobody to answer to, and what it writes
    // to shared memory later would be taken for the answer to another call.
    if getpid() != ownProcess { _exit(0) }
    guard status != 0 else { return }
    let text = library.lastError.map { ": \($0)" } ?? ""
    if status == Self.notOffered {
      throw UserError(.notMeasured, "it says that it does not offer this: it returned 2\(text)")
    }
    throw CallFailure(.refusal, "it returned \(status)\(text)")
  }

  static func nanoseconds(_ elapsed: Duration) -> UInt64 {
    let (seconds, attoseconds) = elapsed.components
    return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }

  /// Puts the inputs beside the first where the call finds them.
  private func place(
    _ accompanying: AccompanyingBytes?, _ hash: UInt64, _ layout: TensorLayout
  ) throws {
    guard let accompanying else { return }
    try second.place(
      accompanying.second.count,
      at: place(hash >> 16, layout, elementSize: accompanying.elementSize))
    second.bytes.copyBytes(from: accompanying.second)
    guard let bytes = accompanying.third else { return }
    try third.place(
      bytes.count, at: place(hash >> 24, .rowMajor, elementSize: accompanying.elementSize))
    third.bytes.copyBytes(from: bytes)
  }

  private func setInputsReadOnly(_ isReadOnly: Bool, _ accompanying: AccompanyingBytes?) {
    guard mayFault else { return }
    input.setReadOnly(isReadOnly)
    guard let accompanying else { return }
    second.setReadOnly(isReadOnly)
    if accompanying.third != nil { third.setReadOnly(isReadOnly) }
  }

  private func misconduct(
    _ logits: UnsafeRawBufferPointer, _ accompanying: AccompanyingBytes?, elementSize: Int,
    _ change: String?
  ) -> [Misconduct] {
    var found = environmentMisconduct(change)
    // A library that makes the pages writable again changes it without a fault.
    if let start = logits.baseAddress, let now = input.bytes.baseAddress,
      memcmp(start, now, logits.count) != 0
    {
      let byte = zip(logits, input.bytes).enumerated().first { $0.element.0 != $0.element.1 }
      let place = (byte?.offset ?? 0) / elementSize
      found.append(Misconduct(.inputModified, "element \(place) of the input was changed"))
    }
    if let accompanying {
      for (given, buffer) in [
        (accompanying.second, second), (accompanying.third ?? [], third),
      ] where !given.isEmpty && !buffer.bytes.elementsEqual(given) {
        let name = buffer === third ? accompanying.names.third : accompanying.names.second
        found.append(Misconduct(.inputModified, "the \(name) was changed"))
      }
    }
    let operands =
      [(output, "output"), (input, "input")]
      + (accompanying.map { [(second, $0.names.second)] } ?? [])
    for (buffer, name) in operands {
      if let change = buffer.change(around: name) {
        found.append(Misconduct(.wroteOutsideOutput, change))
      }
    }
    return found
  }

  /// The changes of the floating-point environment, by loading and by a call.
  func environmentMisconduct(_ change: String?) -> [Misconduct] {
    var found: [Misconduct] = []
    if let first = library.environmentChange {
      found.append(
        Misconduct(
          .changedFloatingPointEnvironment, "since the library was loaded, \(first)"))
    }
    if let change {
      found.append(Misconduct(.changedFloatingPointEnvironment, "since the call, \(change)"))
    }
    return found
  }

  /// The place of an operand, depending on the call alone: the same call must find the same place
  /// again.
  func place(
    _ hash: UInt64, _ layout: TensorLayout, elementSize: Int
  ) -> FencedBuffer.Place {
    // An odd number of elements after an aligned address: aligned to the element and to nothing
    // more.
    let step = alignment.map { max($0, elementSize) } ?? elementSize
    let odd = Int(hash >> 2 % 32) * 2 + 1
    if layout == .misaligned { return .inside(offset: odd * elementSize) }
    let steps = UInt64(max(1, min(16, 4096 / step)))
    // In a process that must live, one element too far has to be noticed without a fault.
    if !mayFault { return .inside(offset: Int(hash % steps) * step) }
    switch hash % 4 {
    case 0, 1: return .atEnd(alignment: step)
    case 2: return .atStart
    default: return .inside(offset: Int(hash >> 2 % steps) * step)
    }
  }

  /// A hash of the sizes of a call and the first bytes of its first input, of which the places of
  /// its buffers are made.
  static func hash(_ sizes: [Int], _ bytes: some Collection<UInt8>) -> UInt64 {
    var hash = FNV1a()
    for size in sizes { hash.add(UInt64(size)) }
    hash.add(bytes: bytes.prefix(64))
    return hash.value ^ hash.value >> 32
  }
}
