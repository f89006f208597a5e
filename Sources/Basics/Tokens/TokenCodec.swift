/// Bytes as one word of a command line, with a checksum that notices a word which was not copied
/// whole.
///
/// A word is a name, a hyphen and a body in base64 for URLs.
package struct TokenCodec: Sendable {
  /// A checksum and its place in the word.
  package enum Checksum: Sendable {
    /// The CRC-32 of the bytes, in four bytes behind them, the lowest first. The name ends with a
    /// version.
    case crc32(version: String)
    /// FNV-1a in 32 bits of the characters of the body, in hexadecimal at the end of the name.
    case fnv1a
  }

  /// A reason why a text is no token.
  package enum Flaw: Error, Hashable, Sendable {
    /// It begins with another name.
    case foreign
    case unsupportedVersion(String)
    case illegalCharacter(Character)
    case truncated
    case checksumMismatch
    /// The bits of the last character that no byte needs are not 0: a second spelling of the same
    /// bytes.
    case unusedBits
  }

  private let name: String
  private let checksum: Checksum

  package init(_ name: String, _ checksum: Checksum) {
    self.name = name
    self.checksum = checksum
  }

  /// The word for some bytes.
  package func text(of bytes: [UInt8]) -> String {
    switch checksum {
    case .crc32(let version):
      let sum = CRC32.checksum(bytes)
      let tail = (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) }
      return "\(name)\(version)-\(Base64URL.encode(bytes + tail))"
    case .fnv1a:
      let body = Base64URL.encode(bytes)
      return "\(name)\(Self.fnv1a(body))-\(body)"
    }
  }

  /// The bytes of a word.
  package func bytes(in text: String) throws(Flaw) -> [UInt8] {
    guard text.hasPrefix(name), let hyphen = text.firstIndex(of: "-") else { throw .foreign }
    let mark = text[..<hyphen].dropFirst(name.count)
    let body = text[text.index(after: hyphen)...]
    switch checksum {
    case .crc32(let version):
      guard mark == version else { throw .unsupportedVersion(String(mark)) }
      let bytes = try Base64URL.decode(body)
      guard bytes.count >= 4 else { throw .truncated }
      let sum = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      guard CRC32.checksum(bytes.dropLast(4)) == sum else { throw .checksumMismatch }
      return Array(bytes.dropLast(4))
    case .fnv1a:
      guard mark == Self.fnv1a(body) else { throw .checksumMismatch }
      return try Base64URL.decode(body)
    }
  }

  private static func fnv1a(_ text: some StringProtocol) -> String {
    String(FNV1a.hash32(of: text.utf8), radix: 16)
  }
}
