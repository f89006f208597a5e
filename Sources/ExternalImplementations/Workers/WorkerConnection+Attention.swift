import AuditedOperations
import Basics
import FloatFormats

extension WorkerConnection {
  /// Calls with the inputs of an attention.
  func callAttention<F: BinaryFloat, G: BinaryFloat>(
    _ inputs: OperationInputs<F>, laidOut layout: TensorLayout, as output: G.Type,
    within limit: Double
  ) throws -> SoftmaxAnswer<G> {
    let shape = try inputs.ofAttention().shape
    guard transfer == .file else {
      throw UserError(
        .notMeasured, "attention is not asked of workers that get tensors in messages")
    }
    let attention = try AttentionBytes(inputs)
    let call = AttentionWorkerCall(
      attention, sequence: nextSequence(), input: F.format, output: G.format, layout: layout)
    let file = try room(for: call.end, within: limit)
    for (bytes, offset) in zip(attention.inputs, call.inputOffsets) {
      guard let bytes, let offset else { continue }
      try bytes.withUnsafeBytes { try file.write($0, at: offset) }
    }
    let sizes = attention.sizes
    let outputSize = sizes.outputCount * MemoryLayout<G>.size
    try file.fill(count: outputSize, at: call.outputOffset, as: G.format)
    try file.fill(
      count: sizes.rowCount * MemoryLayout<Float>.size, at: call.logSumExpOffset, as: .float32)
    var (kind, reader) = try exchange(.attention, call.content, within: limit)
    file.forgetPath()
    guard kind == .done else { throw failure(kind, &reader) }
    guard let nanoseconds = reader.take(UInt64.self) else {
      throw WorkerTrouble.rubbish("the worker's answer is cut short")
    }
    func numbers<N>(_ count: Int, at offset: Int, _ type: N.Type) throws -> [N] {
      try [N](unsafeUninitializedCapacity: count) { buffer, filled in
        let bytes = UnsafeMutableRawBufferPointer(buffer)
        try file.read(
          UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * MemoryLayout<N>.size)]),
          at: offset)
        filled = count
      }
    }
    return SoftmaxAnswer(
      ofAttention: shape, try numbers(sizes.outputCount, at: call.outputOffset, G.self),
      logSumExp: try numbers(sizes.rowCount, at: call.logSumExpOffset, Float.self),
      misconduct: try misconduct(in: reader.remaining), nanoseconds: nanoseconds)
  }
}
