import AuditedOperations
import Basics
import CForeignCalls
import FloatFormats

extension PluginHost {
  /// Computes an attention.
  ///
  /// - Parameters:
  ///   - outputs: Where the bytes of the output go. What the plug-in leaves out is ``OutputFill``.
  ///   - logSumExps: Where the logsumexp goes, in float32.
  /// - Throws: ``CallFailure`` where it returns an error, ``UserError`` of kind `notMeasured` where
  ///   it says that it does not offer this.
  func call(
    _ attention: AttentionBytes, from format: FloatFormat, laidOut layout: TensorLayout,
    to outputFormat: FloatFormat, _ outputs: UnsafeMutableRawBufferPointer,
    _ logSumExps: UnsafeMutableRawBufferPointer
  ) throws -> Outcome {
    guard let function = library.function(format, outputFormat) else {
      throw UserError(
        .notMeasured, "it has no function from \(format.rawValue) to \(outputFormat.rawValue)")
    }
    var places = Self.hash(attention.sizes.list, attention.inputs[0] ?? [])
    func nextPlace(_ elementSize: Int) -> FencedBuffer.Place {
      defer { places = places >> 7 | places << 57 }
      return place(places, layout, elementSize: elementSize)
    }
    for (bytes, buffer) in zip(attention.inputs, attentionInputs) {
      try buffer.place(bytes?.count ?? 0, at: nextPlace(attention.elementSize))
      if let bytes { buffer.bytes.copyBytes(from: bytes) }
    }
    try output.place(outputs.count, at: nextPlace(outputFormat.bitWidth / 8))
    try logSumExp.place(logSumExps.count, at: nextPlace(FloatFormat.float32.bitWidth / 8))
    OutputFill.fill(output.bytes, as: outputFormat)
    OutputFill.fill(logSumExp.bytes, as: .float32)
    softmax_audit_watch(
      attentionInputs[0].bytes.baseAddress, attentionInputs[0].bytes.count,
      output.bytes.baseAddress, output.bytes.count)

    let pointers = zip(attention.inputs, attentionInputs).map { $0 == nil ? nil : $1.pointer }
    setInputsReadOnly(true)
    let clock = ContinuousClock()
    let ((status, elapsed), change) = fence.call { () -> (Int32, Duration) in
      let start = clock.now
      let status = function.call(
        pointers, output.mutablePointer, logSumExp.mutablePointer, attention)
      return (status, clock.now - start)
    }
    setInputsReadOnly(false)
    try check(status)
    outputs.copyMemory(from: UnsafeRawBufferPointer(output.bytes))
    logSumExps.copyMemory(from: UnsafeRawBufferPointer(logSumExp.bytes))
    return Outcome(
      nanoseconds: Self.nanoseconds(elapsed), misconduct: misconduct(attention, change))
  }

  private func setInputsReadOnly(_ isReadOnly: Bool) {
    guard mayFault else { return }
    for buffer in attentionInputs { buffer.setReadOnly(isReadOnly) }
  }

  private func misconduct(_ attention: AttentionBytes, _ change: String?) -> [Misconduct] {
    var found = environmentMisconduct(change)
    let inputs = zip(AttentionBytes.names, zip(attention.inputs, attentionInputs))
    for (name, (given, buffer)) in inputs {
      if let given, !buffer.bytes.elementsEqual(given) {
        found.append(Misconduct(.inputModified, "the \(name) was changed"))
      }
    }
    let operands =
      [("output", output), ("logsumexp", logSumExp)] + inputs.map { ($0.0, $0.1.1) }
    for (name, buffer) in operands {
      if let change = buffer.change(around: name) {
        found.append(Misconduct(.wroteOutsideOutput, change))
      }
    }
    return found
  }
}
