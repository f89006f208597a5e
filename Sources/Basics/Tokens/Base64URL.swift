/// Base64 with the URL-safe alphabet and without padding, RFC 4648, section 5.
///
/// Decoding is strict: every sequence of bytes has one spelling, and any other text is an error.
package enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  package static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var (pending, width) = (UInt32(0), 0)
    for byte in bytes {
      pending = (pending << 8 | UInt32(byte)) & 0xFFFF
      width += 8
      while width >= 6 {
        width -= 6
        text.append(alphabet[Int(pending >> UInt32(width)) & 63])
      }
    }
    if width > 0 { text.append(alphabet[Int(pending << UInt32(6 - width)) & 63]) }
    return String(decoding: text, as: UTF8.self)
  }

  package static func decode(_ text: Substring) throws(TokenCodec.Flaw) -> [UInt8] {
    var bytes: [UInt8] = []
    var (pending, width) = (UInt32(0), 0)
    for character in text {
      guard let code = character.asciiValue, let value = alphabet.firstIndex(of: code) else {
        throw .illegalCharacter(character)
      }
      pending = (pending << 6 | UInt32(value)) & 0xFFFF
      width += 6
      if width >= 8 {
        width -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(width)))
      }
    }
    // What is left over of the last character must be less than a character, and 0.
    guard width < 6 else { throw .truncated }
    guard pending & ((1 << UInt32(width)) - 1) == 0 else {
      throw .unusedBits
    }
    return bytes
  }
}
