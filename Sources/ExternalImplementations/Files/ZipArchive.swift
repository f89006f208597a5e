import Basics

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A zip archive, of which NumPy's `.npz` is one: named files in one file.
///
/// Files may be stored or deflated; ZIP64 is read. Nothing is trusted: a file of the archive has
/// the length and the checksum that the archive says, or there is an error.
struct ZipArchive {
  /// One file of the archive.
  private struct Member {
    var method: Int
    var isEncrypted: Bool
    var checksum: UInt32
    var compressedSize: Int
    var size: Int
    var offset: Int
  }

  private let name: String
  private let bytes: Data
  private let members: [String: Member]

  /// The names of its files.
  var names: [String] { members.keys.sorted() }

  /// Whether bytes begin as an archive does.
  static func isArchive(_ bytes: Data) -> Bool { bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

  /// The archive in bytes.
  ///
  /// - Parameter name: What the file is called in messages.
  /// - Throws: ``UserError`` of kind `malformedInput` where the bytes are no archive.
  init(parsing bytes: Data, name: String) throws(UserError) {
    // From here on the first byte has the index 0.
    let bytes = bytes.startIndex == 0 ? bytes : Data(bytes)
    self.name = name
    self.bytes = bytes
    let damaged = UserError(
      .malformedInput, "\(name) is no whole zip archive; save or copy it again")
    guard let directory = Self.directory(of: bytes) else { throw damaged }
    var members: [String: Member] = [:]
    var position = directory.offset
    for _ in 0..<directory.count {
      guard position <= bytes.count - 46, Self.number(bytes, position, 4) == 0x0201_4B50 else {
        throw damaged
      }
      let nameSize = Self.number(bytes, position + 28, 2)
      let extraSize = Self.number(bytes, position + 30, 2)
      let end = position + 46 + nameSize + extraSize + Self.number(bytes, position + 32, 2)
      guard end <= bytes.count else { throw damaged }
      var member = Member(
        method: Self.number(bytes, position + 10, 2),
        isEncrypted: Self.number(bytes, position + 8, 2) & 1 == 1,
        checksum: UInt32(truncatingIfNeeded: Self.number(bytes, position + 16, 4)),
        compressedSize: Self.number(bytes, position + 20, 4),
        size: Self.number(bytes, position + 24, 4), offset: Self.number(bytes, position + 42, 4))
      let nameEnd = position + 46 + nameSize
      Self.widen(&member, by: bytes[nameEnd..<nameEnd + extraSize])
      guard member.size >= 0, member.compressedSize >= 0, member.offset >= 0 else { throw damaged }
      members[String(decoding: bytes[position + 46..<nameEnd], as: UTF8.self)] = member
      position = end
    }
    self.members = members
  }

  /// The bytes of a file of the archive; where it is stored, those of the archive themselves.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where there is no such file or it is damaged.
  func content(of wanted: String) throws(UserError) -> Data {
    func flaw(_ text: String) -> UserError {
      UserError(.malformedInput, "\(name): \(wanted) \(text); save or copy it again")
    }
    guard let member = members[wanted] else { throw flaw("is missing") }
    guard !member.isEncrypted else {
      throw UserError(
        .malformedInput, "\(name): \(wanted) is encrypted; save it without a password")
    }
    guard member.offset <= bytes.count - 30,
      Self.number(bytes, member.offset, 4) == 0x0403_4B50
    else { throw flaw("does not lie where the archive says") }
    let start =
      member.offset + 30 + Self.number(bytes, member.offset + 26, 2)
      + Self.number(bytes, member.offset + 28, 2)
    guard start <= bytes.count, member.compressedSize <= bytes.count - start else {
      throw flaw("is cut short")
    }
    let stored = bytes[start..<start + member.compressedSize]
    let content: Data
    switch member.method {
    case 0:
      guard member.size == member.compressedSize else { throw flaw("contradicts its own length") }
      content = stored
    case 8:
      do {
        content = try Inflate.bytes(of: stored, size: member.size)
      } catch {
        throw flaw(error.message)
      }
    default:
      throw UserError(
        .malformedInput,
        "\(name): \(wanted) is compressed by method \(member.method); save it with numpy.savez")
    }
    guard Self.checksum(content) == member.checksum else {
      throw flaw("does not have the checksum that the archive says")
    }
    return content
  }

  // MARK: The directory

  /// The beginning of the list of files, and their number; `nil` where there is none.
  private static func directory(of bytes: Data) -> (offset: Int, count: Int)? {
    let size = 22
    guard bytes.count >= size else { return nil }
    // A comment of up to 65535 bytes may follow.
    var end = bytes.count - size
    let last = max(0, end - 65535)
    while number(bytes, end, 4) != 0x0605_4B50 {
      guard end > last else { return nil }
      end -= 1
    }
    var (offset, count) = (number(bytes, end + 16, 4), number(bytes, end + 10, 2))
    let locator = end - 20
    if locator >= 0, number(bytes, locator, 4) == 0x0706_4B50 {
      let wide = number(bytes, locator + 8, 8)
      guard wide >= 0, wide <= bytes.count - 56, number(bytes, wide, 4) == 0x0606_4B50 else {
        return nil
      }
      (offset, count) = (number(bytes, wide + 48, 8), number(bytes, wide + 32, 8))
    }
    // An entry takes 46 bytes at least.
    guard offset >= 0, offset <= bytes.count, count >= 0, count <= bytes.count / 46 else {
      return nil
    }
    return (offset, count)
  }

  /// Takes the sizes that do not fit into 32 bits from where ZIP64 puts them.
  private static func widen(_ member: inout Member, by extra: Data) {
    var position = extra.startIndex
    while position <= extra.endIndex - 4 {
      let (kind, size) = (number(extra, position, 2), number(extra, position + 2, 2))
      position += 4
      guard size <= extra.endIndex - position else { return }
      if kind == 1 {
        var field = position
        for path in [\Member.size, \Member.compressedSize, \Member.offset]
        where member[keyPath: path] == 0xFFFF_FFFF {
          guard field + 8 <= position + size else { return }
          member[keyPath: path] = number(extra, field, 8)
          field += 8
        }
      }
      position += size
    }
  }

  /// A little-endian number, negative where it is 2^63 or more.
  private static func number(_ bytes: Data, _ position: Int, _ size: Int) -> Int {
    var value: UInt64 = 0
    for place in 0..<size { value |= UInt64(bytes[position + place]) << UInt64(8 * place) }
    return Int(truncatingIfNeeded: value)
  }

  // MARK: The checksum

  /// The CRC-32 of the zip format.
  private static func checksum(_ bytes: Data) -> UInt32 {
    bytes.withUnsafeBytes { bytes in
      table.withUnsafeBufferPointer { table in
        var value = UInt32.max
        for byte in bytes {
          value = table[Int((value ^ UInt32(byte)) & 0xFF)] ^ (value >> 8)
        }
        return ~value
      }
    }
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }
}
