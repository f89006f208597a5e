import AuditedOperations
import FloatFormats

/// The kinds of messages of the worker protocol; `WorkerProtocol.md` says what is in them.
enum WorkerMessage: UInt32 {
  case hello = 1
  case memory = 2
  case call = 3
  case probe = 4
  case inspect = 5
  case input = 6
  case attention = 7
  case ready = 16
  case unusable = 17
  case done = 18
  case failed = 19
  case probed = 20
  case inspected = 21
  case output = 22

  static let protocolVersion: UInt32 = 1
  /// Bytes before the content of a message.
  static let headerSize = 8
  /// The most bytes of content.
  static let largestContent = 1 << 24
  /// The most bytes of a tensor in one message, where tensors travel in messages.
  static let largestPiece = 1 << 20
  /// The reasons why a call failed: the implementation refuses, it gives no tensor, or it does not
  /// offer this.
  static let refusal: UInt32 = 0
  static let rubbish: UInt32 = 1
  static let notOffered: UInt32 = 2
  /// An output format that says: none.
  static let noFormat = UInt32.max
}

/// The content of a message while it is put together.
struct MessageContent {
  private(set) var bytes: [UInt8] = []

  mutating func put<Number: FixedWidthInteger>(_ number: Number) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ text: String) { bytes += text.utf8 }
  mutating func put(_ more: [UInt8]) { bytes += more }

  /// The message with its header.
  func message(_ kind: WorkerMessage) -> [UInt8] {
    var header = MessageContent()
    header.put(kind.rawValue)
    header.put(UInt32(bytes.count))
    return header.bytes + bytes
  }
}

/// The content of a message while it is taken apart.
struct MessageReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// The next integer; nil where the content ends before.
  mutating func take<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number? {
    let size = MemoryLayout<Number>.size
    guard rest.count >= size else { return nil }
    defer { rest = rest.dropFirst(size) }
    return rest.prefix(size).withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(as: Number.self))
    }
  }

  /// All that is left.
  var remaining: [UInt8] { Array(rest) }
  /// All that is left, as text.
  var text: String { String(decoding: rest, as: UTF8.self) }
}

extension FloatFormat {
  /// The number of a format in the protocol.
  var protocolCode: UInt32 {
    switch self {
    case .float16: 0
    case .bfloat16: 1
    case .float32: 2
    case .float64: 3
    case .float8E4M3FN: 4
    case .float8E5M2: 5
    case .float8E4M3FNUZ: 6
    case .float8E5M2FNUZ: 7
    }
  }

  init?(protocolCode: UInt32) {
    guard let format = Self.everyOne.first(where: { $0.protocolCode == protocolCode }) else {
      return nil
    }
    self = format
  }
}

extension TensorLayout {
  /// The number of a layout in the protocol.
  var protocolCode: UInt32 {
    switch self {
    case .rowMajor: 0
    case .columnMajor: 1
    case .sliced: 2
    case .reversed: 3
    case .misaligned: 4
    case .readOnly: 5
    }
  }

  init?(protocolCode: UInt32) {
    guard let layout = Self.allCases.first(where: { $0.protocolCode == protocolCode }) else {
      return nil
    }
    self = layout
  }
}

/// One call, as it stands in a message.
struct WorkerCall: Equatable {
  var sequence: UInt64
  var input: FloatFormat
  var output: FloatFormat
  var layout: TensorLayout
  var axis: Int
  var shape: [Int]
  var inputOffset: Int
  var outputOffset: Int
  /// The places of the inputs beside the first.
  var places = OperandPlaces()

  /// More dimensions than any library has.
  private static let largestRank: UInt32 = 1024

  var content: MessageContent {
    var content = MessageContent()
    content.put(sequence)
    content.put(input.protocolCode)
    content.put(output.protocolCode)
    content.put(UInt32(0))
    content.put(layout.protocolCode)
    content.put(Int32(axis))
    content.put(UInt32(shape.count))
    content.put(UInt64(inputOffset))
    content.put(UInt64(outputOffset))
    for dimension in shape { content.put(UInt64(dimension)) }
    places.put(into: &content)
    return content
  }

  init(
    sequence: UInt64, input: FloatFormat, output: FloatFormat, layout: TensorLayout, axis: Int,
    shape: [Int], inputOffset: Int, outputOffset: Int, places: OperandPlaces = OperandPlaces()
  ) {
    self.sequence = sequence
    self.input = input
    self.output = output
    self.layout = layout
    self.axis = axis
    self.shape = shape
    self.inputOffset = inputOffset
    self.outputOffset = outputOffset
    self.places = places
  }

  /// The call in a message; nil where it is none of this version.
  init?(_ bytes: [UInt8]) {
    var reader = MessageReader(bytes)
    guard let sequence = reader.take(UInt64.self),
      let input = reader.take().flatMap(FloatFormat.init(protocolCode:)),
      let output = reader.take().flatMap(FloatFormat.init(protocolCode:)),
      reader.take(UInt32.self) == 0,
      let layout = reader.take().flatMap(TensorLayout.init(protocolCode:)),
      let axis = reader.take(Int32.self), let rank = reader.take(UInt32.self),
      rank <= Self.largestRank,
      let inputOffset = reader.take(UInt64.self), let outputOffset = reader.take(UInt64.self)
    else { return nil }
    var shape: [Int] = []
    for _ in 0..<rank {
      guard let dimension = reader.take(UInt64.self).flatMap({ Int(exactly: $0) }) else {
        return nil
      }
      shape.append(dimension)
    }
    guard let places = OperandPlaces(&reader) else { return nil }
    self.init(
      sequence: sequence, input: input, output: output, layout: layout, axis: Int(axis),
      shape: shape, inputOffset: Int(clamping: inputOffset),
      outputOffset: Int(clamping: outputOffset), places: places)
  }
}
