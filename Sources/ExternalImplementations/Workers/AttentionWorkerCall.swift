import AuditedOperations
import FloatFormats

/// One call of attention, as it stands in a message.
struct AttentionWorkerCall: Equatable {
  var sequence: UInt64
  var input: FloatFormat
  var output: FloatFormat
  var layout: TensorLayout
  var sizes: AttentionBytes.Sizes
  /// As in ``AttentionBytes``.
  var scale, softcap: Double
  var causal: Int32
  /// The beginnings of queries, keys, values, mask and sinks, multiples of 64; nil for a mask or
  /// sinks that are not given.
  var inputOffsets: [Int?]
  var outputOffset: Int
  var logSumExpOffset: Int
  /// The end of it all.
  var end: Int

  /// A call whose operands lie one behind the other, the queries at 64: 0 stands for none.
  init(
    _ attention: AttentionBytes, sequence: UInt64, input: FloatFormat, output: FloatFormat,
    layout: TensorLayout
  ) {
    self.sequence = sequence
    self.input = input
    self.output = output
    self.layout = layout
    sizes = attention.sizes
    (scale, softcap, causal) = (attention.scale, attention.softcap, attention.causal)
    var next = 64
    func take(_ size: Int) -> Int {
      defer { next = (next + size + 63) / 64 * 64 }
      return next
    }
    inputOffsets = attention.inputs.map { $0.map { take($0.count) } }
    outputOffset = take(sizes.outputCount * output.bitWidth / 8)
    logSumExpOffset = take(sizes.rowCount * FloatFormat.float32.bitWidth / 8)
    end = next
  }

  var content: MessageContent {
    var content = MessageContent()
    content.put(sequence)
    content.put(input.protocolCode)
    content.put(output.protocolCode)
    content.put(layout.protocolCode)
    content.put(causal)
    content.put(scale.bitPattern)
    content.put(softcap.bitPattern)
    for size in sizes.list { content.put(UInt64(size)) }
    for offset in inputOffsets { content.put(UInt64(offset ?? 0)) }
    content.put(UInt64(outputOffset))
    content.put(UInt64(logSumExpOffset))
    return content
  }

  /// The call in a message; `nil` where it is none of this version.
  init?(_ bytes: [UInt8]) {
    var reader = MessageReader(bytes)
    guard let sequence = reader.take(UInt64.self),
      let input = reader.take().flatMap(FloatFormat.init(protocolCode:)),
      let output = reader.take().flatMap(FloatFormat.init(protocolCode:)),
      let layout = reader.take().flatMap(TensorLayout.init(protocolCode:)),
      let causal = reader.take(Int32.self), let scale = reader.take(UInt64.self),
      let softcap = reader.take(UInt64.self)
    else { return nil }
    let numbers = (0..<14).compactMap { _ in reader.take(UInt64.self).flatMap { Int(exactly: $0) } }
    guard numbers.count == 14, reader.remaining.isEmpty,
      let sizes = AttentionBytes.Sizes(Array(numbers[..<7]))
    else { return nil }
    self.sequence = sequence
    self.input = input
    self.output = output
    self.layout = layout
    self.sizes = sizes
    self.causal = causal
    self.scale = Double(bitPattern: scale)
    self.softcap = Double(bitPattern: softcap)
    inputOffsets = numbers[7..<12].map { $0 == 0 ? nil : $0 }
    outputOffset = numbers[12]
    logSumExpOffset = numbers[13]
    end = logSumExpOffset + sizes.rowCount * FloatFormat.float32.bitWidth / 8
  }
}
