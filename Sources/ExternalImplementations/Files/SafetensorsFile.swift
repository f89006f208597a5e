import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A `.safetensors` file: named tensors in one file.
///
/// Eight bytes with the length of a header, the header in JSON, then the data, row-major and
/// little-endian. Nothing is trusted: whatever the bytes are, a tensor has exactly as many elements
/// as its part of the file, or there is an error.
package struct SafetensorsFile: Sendable {
  private let name: String
  private let header: [String: Entry]
  private let data: Data

  /// The description of a tensor in a header; all optional, for the one entry that is none has
  /// other keys.
  private struct Entry: Decodable {
    var dtype: String?
    var shape: [Int]?
    var dataOffsets: [Int]?

    private enum CodingKeys: String, CodingKey {
      case dtype, shape
      case dataOffsets = "data_offsets"
    }
  }

  /// The entry beside the tensors: texts by name.
  private struct Metadata: Decodable {
    var texts: [String: String]?

    private enum CodingKeys: String, CodingKey {
      case texts = "__metadata__"
    }
  }

  private static let metadataKey = "__metadata__"
  private static let largestHeader = 100_000_000
  private static let largestRank = 64

  /// The file at a path.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where it cannot be read or is no such file.
  package init(contentsOf path: String) throws(UserError) {
    try self.init(parsing: try MappedFile.contents(of: path), name: path)
  }

  /// The file in bytes.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where the bytes are no such file.
  package init(parsing bytes: Data, name: String) throws(UserError) {
    let prefix = bytes.prefix(8)
    guard prefix.count == 8 else {
      throw UserError(
        .malformedInput, "\(name) has only \(bytes.count) bytes and is no .safetensors file")
    }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8), length <= UInt64(Self.largestHeader) else {
      throw UserError(
        .malformedInput,
        "\(name) claims a header of \(length) bytes, but only \(bytes.count - 8) follow; it is no .safetensors file, or was cut short"
      )
    }
    let text = bytes.dropFirst(8).prefix(Int(length))
    do {
      _ = try StrictJSON.decode(Metadata.self, from: Data(text))
      header = try JSONDecoder().decode([String: Entry].self, from: Data(text))
    } catch {
      throw UserError(
        .malformedInput, "\(name) has a header that is not the JSON of a .safetensors file")
    }
    self.name = name
    data = bytes.dropFirst(8 + Int(length))
    try checkParts()
  }

  /// Makes sure that the tensors fill the data, one after the other: what nobody describes may hide
  /// anything, and what two describe belongs to neither.
  private func checkParts() throws(UserError) {
    var parts: [(name: String, bytes: Range<Int>)] = []
    for chosen in names { parts.append((chosen, try description(of: chosen).bytes)) }
    parts.sort {
      ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
    }
    var end = 0
    for part in parts {
      guard part.bytes.lowerBound == end else {
        let what =
          part.bytes.lowerBound > end
          ? "after bytes that belong to no tensor" : "over another tensor"
        throw UserError(
          .malformedInput,
          "\(name) places \(part.name) at bytes \(part.bytes.lowerBound) to \(part.bytes.upperBound), \(what); save or copy it again"
        )
      }
      end = part.bytes.upperBound
    }
    guard end == data.count else {
      throw UserError(
        .malformedInput,
        "\(name) has \(data.count - end) bytes that belong to no tensor; save or copy it again")
    }
  }

  /// The header's description of a tensor, as far as it makes sense.
  private func description(
    of chosen: String
  ) throws(UserError) -> (type: String, shape: [Int], bytes: Range<Int>) {
    guard let entry = header[chosen], let type = entry.dtype, let shape = entry.shape,
      let offsets = entry.dataOffsets, offsets.count == 2, shape.count <= Self.largestRank
    else {
      throw UserError(
        .malformedInput, "\(name) describes the tensor \(chosen) without dtype, shape or offsets")
    }
    let (start, end) = (offsets[0], offsets[1])
    // Types that are not known may have elements of any size.
    var size = Self.elementSizes[type]
    var isPossible = shape.allSatisfy { $0 >= 0 }
    for dimension in shape where dimension > 0 {
      guard let known = size else { break }
      let (product, overflow) = known.multipliedReportingOverflow(by: dimension)
      isPossible = isPossible && !overflow
      size = overflow ? known : product
    }
    if shape.contains(0), size != nil { size = 0 }
    guard isPossible, start >= 0, start <= end, end <= data.count,
      size ?? (end - start) == end - start
    else {
      throw UserError(
        .malformedInput,
        "\(name) places \(chosen) of shape \(shape) at bytes \(start) to \(end) of \(data.count), which does not fit; save or copy it again"
      )
    }
    return (type, shape, start..<end)
  }

  /// The number of bytes of an element.
  private static let elementSizes = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "I16": 2, "U16": 2,
    "F16": 2, "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8, "C64": 8,
  ]

  /// The names of its tensors.
  package var names: [String] { header.keys.filter { $0 != Self.metadataKey }.sorted() }

  /// The path and tensor that a text names; nil where it names no such file.
  static func split(_ text: String) -> (path: String, tensor: String?)? {
    if text.hasSuffix(".safetensors") { return (text, nil) }
    guard let range = text.firstRange(of: ".safetensors:") else { return nil }
    return (String(text[..<range.upperBound].dropLast()), String(text[range.upperBound...]))
  }

  /// The name of a tensor: the one wanted, or that of the only one.
  private func choose(_ wanted: String?) throws(UserError) -> String {
    let names = names
    guard let chosen = wanted ?? (names.count == 1 ? names[0] : nil),
      chosen != Self.metadataKey, header[chosen] != nil
    else {
      let listed = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", ..." : "")
      let complaint = wanted.map { "has no tensor \($0)" } ?? "holds \(names.count) tensors"
      throw UserError(
        .malformedInput,
        names.isEmpty
          ? "\(name) holds no tensor"
          : "\(name) \(complaint); name one as \(name):NAME, of \(listed)")
    }
    return chosen
  }

  /// A tensor, where it lies.
  ///
  /// - Parameters:
  ///   - wanted: Its name; nil where there is only one.
  ///   - integers: The format that integers of its width are the bit patterns of; nil for none.
  /// - Throws: ``UserError`` of kind `malformedInput` where there is no such tensor.
  package func tensor(
    _ wanted: String?, integersAre integers: FloatFormat? = nil
  ) throws(UserError) -> SavedTensor {
    let chosen = try choose(wanted)
    let (type, shape, place) = try description(of: chosen)
    let format: FloatFormat
    switch type {
    case "F16": format = .float16
    case "BF16": format = .bfloat16
    case "F32": format = .float32
    case "F64": format = .float64
    case "F8_E4M3": format = .float8E4M3FN
    case "F8_E5M2": format = .float8E5M2
    case "F8_E4M3FNUZ": format = .float8E4M3FNUZ
    case "F8_E5M2FNUZ": format = .float8E5M2FNUZ
    default:
      let encoded = ["U16": 16, "I16": 16, "U8": 8, "I8": 8]
      guard let integers, encoded[type] == integers.bitWidth else {
        if QuantizedElements.safetensorsTypes.contains(type) {
          throw UserError(
            .malformedInput, "\(name) holds \(chosen) as \(type); \(QuantizedElements.refusal)")
        }
        throw UserError(
          .malformedInput,
          "\(name) holds \(chosen) as \(type), but F16, BF16, F32 or F64 is needed; convert it")
      }
      format = integers
    }
    return SavedTensor(
      rowMajor: shape, format: format,
      bytes: data.dropFirst(place.lowerBound).prefix(place.count))
  }

  /// Integers of 32 or 64 bits, where they lie: as numbers of that width with their bit patterns.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where there is no such tensor.
  func integers(_ wanted: String?) throws(UserError) -> SavedTensor {
    try patterns(
      wanted, of: ["I32": .float32, "I64": .float64],
      refusal: "class numbers are I32 or I64; convert it")
  }

  /// Integers, where they lie: as numbers of their width with their bit patterns.
  ///
  /// - Parameters:
  ///   - kinds: The kinds of elements that are read, each with a format as wide.
  ///   - refusal: The reason why others are not.
  /// - Throws: ``UserError`` of kind `malformedInput` where there is no such tensor.
  func patterns(
    _ wanted: String?, of kinds: [String: FloatFormat], refusal: String
  ) throws(UserError) -> SavedTensor {
    let chosen = try choose(wanted)
    let (type, shape, place) = try description(of: chosen)
    guard let format = kinds[type] else {
      throw UserError(.malformedInput, "\(name) holds \(chosen) as \(type), but \(refusal)")
    }
    return SavedTensor(
      rowMajor: shape, format: format,
      bytes: data.dropFirst(place.lowerBound).prefix(place.count))
  }
}
