import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A tensor that ONNX saved in a `.pb` file: one message TensorProto, as the test data of models
/// are.
///
/// Of protocol buffers just as much is read as such a message needs. Nothing is trusted: the tensor
/// has as many elements as its dimensions say, or there is an error, and no memory is asked for
/// beyond twice the size of the file.
enum OnnxTensorFile {
  /// The fields of a TensorProto that matter.
  private struct Message {
    var dimensions: [Int] = []
    var type = 0
    /// Little-endian elements as they are, where there are any.
    var raw: Data?
    var floats = Data()
    var doubles = Data()
    /// The bit patterns of elements of 16 bits, and of those of 8 bits, in two bytes each.
    var integers = Data()
    /// The low byte of each encoding.
    var bytes: Data {
      Data(stride(from: 0, to: integers.count, by: 2).map { integers[integers.startIndex + $0] })
    }
    var isExternal = false
  }

  /// The message does not hold what its lengths say.
  private struct Damage: Error {}

  private static let largestRank = 64

  /// The tensor in bytes.
  ///
  /// - Parameter name: What the file is called in messages.
  /// - Throws: ``UserError`` of kind `malformedInput` where the bytes are no such tensor.
  static func tensor(in bytes: Data, name: String) throws(UserError) -> SavedTensor {
    let message = try message(in: bytes, name: name)
    let format: FloatFormat
    let typed: Data
    switch message.type {
    case 1: (format, typed) = (.float32, message.floats)
    case 10: (format, typed) = (.float16, message.integers)
    case 11: (format, typed) = (.float64, message.doubles)
    case 16: (format, typed) = (.bfloat16, message.integers)
    case 17: (format, typed) = (.float8E4M3FN, message.bytes)
    case 18: (format, typed) = (.float8E4M3FNUZ, message.bytes)
    case 19: (format, typed) = (.float8E5M2, message.bytes)
    case 20: (format, typed) = (.float8E5M2FNUZ, message.bytes)
    default:
      if let kind = QuantizedElements.onnxTypes[message.type] {
        throw UserError(
          .malformedInput, "\(name) holds \(kind) elements; \(QuantizedElements.refusal)")
      }
      throw UserError(
        .malformedInput,
        "\(name) holds elements of the ONNX type \(message.type), but float16, bfloat16, float32 or float64 is needed; convert them"
      )
    }
    return try tensor(of: message, message.raw ?? typed, as: format, name: name)
  }

  /// Integers, where they lie: as numbers of a format as wide, with their bit patterns.
  ///
  /// - Parameters:
  ///   - type: The number that ONNX has for their type.
  ///   - refusal: The reason why others are not read.
  /// - Throws: ``UserError`` of kind `malformedInput` where the bytes are no such tensor.
  static func patterns(
    in bytes: Data, name: String, ofType type: Int, as format: FloatFormat, refusal: String
  ) throws(UserError) -> SavedTensor {
    let message = try message(in: bytes, name: name)
    guard message.type == type else {
      let kind = QuantizedElements.onnxTypes[message.type] ?? "other"
      throw UserError(.malformedInput, "\(name) holds \(kind) elements; \(refusal)")
    }
    let typed = format.bitWidth == 8 ? message.bytes : message.integers
    return try tensor(of: message, message.raw ?? typed, as: format, name: name)
  }

  private static func message(in bytes: Data, name: String) throws(UserError) -> Message {
    let message: Message
    do {
      message = try read(bytes)
    } catch {
      throw UserError(
        .malformedInput,
        "\(name) is no tensor that ONNX saved (a TensorProto); save one array with numpy.save")
    }
    guard !message.isExternal else {
      throw UserError(
        .malformedInput, "\(name) keeps its elements in another file; save them within it")
    }
    return message
  }

  private static func tensor(
    of message: Message, _ data: Data, as format: FloatFormat, name: String
  ) throws(UserError) -> SavedTensor {
    var size: Int? = format.bitWidth / 8
    for dimension in message.dimensions where dimension != 0 {
      size = size.flatMap {
        let (product, overflow) = $0.multipliedReportingOverflow(by: dimension)
        return dimension < 0 || overflow ? nil : product
      }
    }
    if size != nil, message.dimensions.contains(0) { size = 0 }
    guard size == data.count else {
      throw UserError(
        .malformedInput,
        "\(name) has \(data.count) bytes of elements, which do not fit the shape \(message.dimensions) of \(format); save or copy it again"
      )
    }
    return SavedTensor(rowMajor: message.dimensions, format: format, bytes: data)
  }

  private static func read(_ bytes: Data) throws(Damage) -> Message {
    var reader = Reader(rest: bytes)
    var message = Message()
    while !reader.rest.isEmpty {
      let key = try reader.varint()
      let field = key >> 3
      switch (field, key & 7) {
      case (1, 0): message.dimensions.append(try reader.dimension())
      case (1, 2):
        var packed = Reader(rest: try reader.block())
        while !packed.rest.isEmpty { message.dimensions.append(try packed.dimension()) }
      case (2, 0): message.type = Int(truncatingIfNeeded: try reader.varint())
      case (4, 5): message.floats += try reader.take(4)
      case (4, 2): message.floats += try reader.block()
      case (5, 0): message.integers.append(pattern: try reader.varint())
      case (5, 2):
        var packed = Reader(rest: try reader.block())
        while !packed.rest.isEmpty { message.integers.append(pattern: try packed.varint()) }
      case (9, 2): message.raw = try reader.block()
      case (10, 1): message.doubles += try reader.take(8)
      case (10, 2): message.doubles += try reader.block()
      case (14, 0): message.isExternal = try reader.varint() == 1
      case (0, _): throw Damage()
      case (_, 0): _ = try reader.varint()
      case (_, 1): _ = try reader.take(8)
      case (_, 2): _ = try reader.block()
      case (_, 5): _ = try reader.take(4)
      default: throw Damage()
      }
      guard message.dimensions.count <= largestRank else { throw Damage() }
    }
    guard message.type != 0 else { throw Damage() }
    return message
  }

  /// The parts of a message, one after another.
  private struct Reader {
    var rest: Data

    mutating func take(_ count: Int) throws(Damage) -> Data {
      guard count >= 0, count <= rest.count else { throw Damage() }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }

    mutating func varint() throws(Damage) -> UInt64 {
      var value: UInt64 = 0
      for place in 0..<10 {
        guard let byte = rest.popFirst() else { throw Damage() }
        value |= UInt64(byte & 0x7F) << UInt64(7 * place)
        if byte & 0x80 == 0 { return value }
      }
      throw Damage()
    }

    mutating func block() throws(Damage) -> Data {
      guard let count = Int(exactly: try varint()) else { throw Damage() }
      return try take(count)
    }

    mutating func dimension() throws(Damage) -> Int {
      Int(truncatingIfNeeded: try varint())
    }
  }
}

extension Data {
  /// Appends the low 16 bits of a number, little-endian.
  fileprivate mutating func append(pattern: UInt64) {
    append(UInt8(truncatingIfNeeded: pattern))
    append(UInt8(truncatingIfNeeded: pattern >> 8))
  }
}
