#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// JSON documents as RFC 8259 has them, and no others.
///
/// Foundation's decoder takes an object with a key twice, of which one wins, and a comma before a
/// closing bracket. What two readers may understand differently is refused here, before anything is
/// decoded.
package enum StrictJSON {
  /// A document.
  ///
  /// - Throws: `DecodingError` where the text is no JSON, has a key twice or is nested deeper than
  ///   ``greatestDepth``, and where it is not what the type expects.
  package static func decode<Document: Decodable>(
    _ type: Document.Type, from data: Data
  ) throws -> Document {
    try check(data)
    return try JSONDecoder().decode(type, from: data)
  }

  /// Makes sure that a text is one JSON value.
  package static func check(_ data: Data) throws {
    let flaw = data.withUnsafeBytes { bytes -> JSONScanner.Flaw? in
      var scanner = JSONScanner(bytes)
      do throws(JSONScanner.Flaw) {
        try scanner.document()
        return nil
      } catch {
        return error
      }
    }
    if let flaw {
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "\(flaw.message), at byte \(flaw.offset)"))
    }
  }

  /// The greatest depth of arrays and objects in each other.
  package static let greatestDepth = 128
}

/// A reader of JSON that only looks.
private struct JSONScanner {
  struct Flaw: Error {
    let message: String
    let offset: Int
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var depth = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func document() throws(Flaw) {
    // A byte order mark is no part of JSON, but editors write one.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    try value()
    skipSpace()
    guard position == bytes.count else { throw flaw("text follows the document") }
  }

  private func flaw(_ message: String) -> Flaw { Flaw(message: message, offset: position) }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func value() throws(Flaw) {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): try object()
    case UInt8(ascii: "["): try array()
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case nil: throw flaw("the text ends where a value is expected")
    default: try number()
    }
  }

  private mutating func open() throws(Flaw) {
    position += 1
    depth += 1
    guard depth <= StrictJSON.greatestDepth else {
      throw flaw("it is nested more than \(StrictJSON.greatestDepth) deep")
    }
    skipSpace()
  }

  /// Whether another item follows, and not the end.
  private mutating func goesOn(until end: UInt8) throws(Flaw) -> Bool {
    skipSpace()
    guard let byte = next else { throw flaw("the text ends within an object or array") }
    position += 1
    if byte == end { return false }
    guard byte == UInt8(ascii: ",") else {
      position -= 1
      throw flaw("a comma or the end of the object or array is expected")
    }
    skipSpace()
    guard next != end else { throw flaw("a comma stands before the end of an object or array") }
    return true
  }

  private mutating func array() throws(Flaw) {
    let end = UInt8(ascii: "]")
    try open()
    if next == end {
      position += 1
    } else {
      repeat { try value() } while try goesOn(until: end)
    }
    depth -= 1
  }

  private mutating func object() throws(Flaw) {
    let end = UInt8(ascii: "}")
    try open()
    if next == end {
      position += 1
    } else {
      var keys = Set<[UInt8]>()
      repeat {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw flaw("a key in quotes is expected") }
        let start = position
        let key = try string()
        guard keys.insert(key).inserted else {
          position = start
          throw flaw("the key \"\(String(decoding: key, as: UTF8.self))\" appears twice")
        }
        skipSpace()
        guard next == UInt8(ascii: ":") else { throw flaw("a colon is expected after a key") }
        position += 1
        try value()
      } while try goesOn(until: end)
    }
    depth -= 1
  }

  /// The characters of a string, escapes resolved so that two spellings of a key are the same key.
  private mutating func string() throws(Flaw) -> [UInt8] {
    position += 1
    let start = position
    var resolved: [UInt8]?
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        let text = resolved ?? Array(bytes[start..<position])
        position += 1
        return text
      case UInt8(ascii: "\\"):
        var text = resolved ?? Array(bytes[start..<position])
        position += 1
        text += try escape()
        resolved = text
      case 0..<0x20: throw flaw("a string holds a control character")
      default:
        resolved?.append(byte)
        position += 1
      }
    }
    throw flaw("the text ends within a string")
  }

  private mutating func escape() throws(Flaw) -> [UInt8] {
    guard let byte = next else { throw flaw("the text ends within a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var unit = try hexadecimal()
      if 0xD800..<0xDC00 ~= unit {
        guard next == UInt8(ascii: "\\") else { throw flaw("half of a surrogate pair is missing") }
        position += 1
        guard next == UInt8(ascii: "u") else { throw flaw("half of a surrogate pair is missing") }
        position += 1
        let low = try hexadecimal()
        guard 0xDC00..<0xE000 ~= low else { throw flaw("half of a surrogate pair is missing") }
        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(unit) else {
        throw flaw("half of a surrogate pair is missing")
      }
      return Array(String(scalar).utf8)
    default: throw flaw("there is no escape \\\(Unicode.Scalar(byte))")
    }
  }

  private mutating func hexadecimal() throws(Flaw) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw flaw("four hexadecimal digits are expected after \\u")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func word(_ word: StaticString) throws(Flaw) {
    for byte in UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount) {
      guard next == byte else { throw flaw("\(word) is expected") }
      position += 1
    }
  }

  private mutating func digits() throws(Flaw) {
    guard let byte = next, 0x30...0x39 ~= byte else { throw flaw("a digit is expected") }
    while let byte = next, 0x30...0x39 ~= byte { position += 1 }
  }

  private mutating func number() throws(Flaw) {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    guard let first = next, 0x30...0x39 ~= first else {
      position = start
      throw flaw("a value is expected")
    }
    if first == 0x30 { position += 1 } else { try digits() }
    if next == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
  }
}
