import Basics
import FloatFormats

/// The text from which a case can be made again: its version and its choices.
///
/// `pt1-` and then, in the URL-safe base64 of RFC 4648, section 5, without padding: the choices,
/// each a byte for its type and its value, and the CRC-32 of all that, last byte least significant.
/// Integers are written in groups of seven bits (as in DWARF), those with a sign zigzag; floats are
/// their encodings.
///
/// A token means something to the generator that it came from. After that has changed it may make
/// another value; a regression file had better keep the value beside it.
package enum ReplayToken {
  private static let codec = TokenCodec("pt", .crc32(version: "1"))

  private enum Tag: UInt8 {
    case integer, no, yes, bits, float16, bfloat16, float32, float64
    case float8E4M3FN, float8E5M2, float8E4M3FNUZ, float8E5M2FNUZ
  }

  /// The token of a choice sequence.
  package static func encode(_ choices: [ChoiceValue]) -> String {
    codec.text(of: bytes(of: choices))
  }

  /// The choices of a token.
  package static func decode(_ token: String) throws(ReplayTokenError) -> [ChoiceValue] {
    try decode(token, codec)
  }

  /// The choices in a token of another name.
  package static func decode(
    _ token: String, _ codec: TokenCodec
  ) throws(ReplayTokenError) -> [ChoiceValue] {
    let bytes: [UInt8]
    do {
      bytes = try codec.bytes(in: token)
    } catch {
      throw ReplayTokenError(error)
    }
    return try choices(in: bytes[...])
  }

  /// Choices as bytes, each a byte for its type and its value.
  package static func bytes(of choices: [ChoiceValue]) -> [UInt8] {
    var bytes: [UInt8] = []
    for choice in choices {
      switch choice {
      case .integer(let number):
        bytes.append(Tag.integer.rawValue)
        bytes.appendGroups(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
      case .boolean(let outcome): bytes.append((outcome ? Tag.yes : Tag.no).rawValue)
      case .bits(let word):
        bytes.append(Tag.bits.rawValue)
        bytes.appendGroups(word)
      case .float(let format, let bits):
        bytes.append(tag(of: format).rawValue)
        for byte in 0..<format.bitWidth / 8 {
          bytes.append(UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte)))
        }
      }
    }
    return bytes
  }

  private static func choices(in bytes: ArraySlice<UInt8>) throws(ReplayTokenError) -> [ChoiceValue]
  {
    var rest = bytes
    var choices: [ChoiceValue] = []
    while let first = rest.popFirst() {
      guard let tag = Tag(rawValue: first) else {
        throw .malformed("there is no choice of type \(first)")
      }
      switch tag {
      case .integer:
        let word = try groups(&rest)
        choices.append(.integer(Int64(bitPattern: (word >> 1) ^ (0 &- (word & 1)))))
      case .no: choices.append(.boolean(false))
      case .yes: choices.append(.boolean(true))
      case .bits: choices.append(.bits(try groups(&rest)))
      case .float16: choices.append(try float(.float16, &rest))
      case .bfloat16: choices.append(try float(.bfloat16, &rest))
      case .float32: choices.append(try float(.float32, &rest))
      case .float64: choices.append(try float(.float64, &rest))
      case .float8E4M3FN: choices.append(try float(.float8E4M3FN, &rest))
      case .float8E5M2: choices.append(try float(.float8E5M2, &rest))
      case .float8E4M3FNUZ: choices.append(try float(.float8E4M3FNUZ, &rest))
      case .float8E5M2FNUZ: choices.append(try float(.float8E5M2FNUZ, &rest))
      }
    }
    return choices
  }

  private static func tag(of format: FloatFormat) -> Tag {
    switch format {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    case .float8E4M3FN: .float8E4M3FN
    case .float8E5M2: .float8E5M2
    case .float8E4M3FNUZ: .float8E4M3FNUZ
    case .float8E5M2FNUZ: .float8E5M2FNUZ
    }
  }

  private static func float(
    _ format: FloatFormat, _ rest: inout ArraySlice<UInt8>
  ) throws(ReplayTokenError) -> ChoiceValue {
    let size = format.bitWidth / 8
    guard rest.count >= size else { throw .malformed("the last float is cut off") }
    let bits = rest.prefix(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(size)
    return .float(format, bits: bits)
  }

  private static func groups(_ rest: inout ArraySlice<UInt8>) throws(ReplayTokenError) -> UInt64 {
    var word: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      let group = UInt64(byte & 0x7F)
      // Of the tenth group one bit is left, and a last group of 0 would be a second spelling of the
      // same number.
      guard shift < 63 || (shift == 63 && group <= 1), shift == 0 || byte != 0 else {
        throw .malformed("an integer is not written in the one way allowed")
      }
      word |= group << shift
      if byte & 0x80 == 0 { return word }
      shift += 7
    }
    throw .malformed("the last integer is cut off")
  }
}

/// The reason why a text is no replay token that this version can read.
package enum ReplayTokenError: Error, Hashable, Sendable, CustomStringConvertible {
  case notAToken
  case unsupportedVersion(String)
  case illegalCharacter(Character)
  case truncated
  case checksumMismatch
  case malformed(String)

  fileprivate init(_ flaw: TokenCodec.Flaw) {
    switch flaw {
    case .foreign: self = .notAToken
    case .unsupportedVersion(let version): self = .unsupportedVersion(version)
    case .illegalCharacter(let character): self = .illegalCharacter(character)
    case .truncated: self = .truncated
    case .checksumMismatch: self = .checksumMismatch
    case .unusedBits: self = .malformed("the unused bits of the last character are not 0")
    }
  }

  package var description: String {
    switch self {
    case .notAToken: "this is no replay token: it does not begin with 'pt1-'"
    case .unsupportedVersion(let version):
      "the replay token has version '\(version)', only version '1' can be read"
    case .illegalCharacter(let character):
      "the replay token has the character '\(character)', which no token has"
    case .truncated: "the replay token is cut off"
    case .checksumMismatch: "the replay token is damaged: its checksum does not match"
    case .malformed(let detail): "the replay token makes no sense: \(detail)"
    }
  }
}

extension [UInt8] {
  /// Appends an integer in groups of seven bits, the lowest first.
  fileprivate mutating func appendGroups(_ word: UInt64) {
    var rest = word
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
