/// The hash FNV-1a of Fowler, Noll and Vo in 64 bits.
///
/// It tells names and lanes apart where nobody tries to forge them, and is the same on every
/// machine: seeds, digests in results and tokens are made of it.
///
/// Source: http://www.isthe.com/chongo/tech/comp/fnv/
package struct FNV1a: Sendable {
  @usableFromInline var state: UInt64

  /// The hash of what was added so far.
  @inlinable package var value: UInt64 { state }

  /// The hash of nothing.
  ///
  /// - Parameter salt: The bits of the offset basis that are changed.
  @inlinable package init(salt: UInt64 = 0) { state = 0xcbf2_9ce4_8422_2325 ^ salt }

  /// Adds a word in one step, as if it were a byte: its high bits reach high bits alone.
  @inlinable package mutating func add(_ word: UInt64) {
    state = (state ^ word) &* 0x100_0000_01b3
  }

  /// Adds bytes, one after the other.
  @inlinable package mutating func add(bytes: some Sequence<UInt8>) {
    for byte in bytes { add(UInt64(byte)) }
  }

  /// Adds the eight bytes of a word, the lowest first.
  @inlinable package mutating func add(bytesOf word: UInt64) {
    for byte in 0..<8 { add(word >> UInt64(8 * byte) & 255) }
  }

  /// The hash of bytes in 32 bits.
  package static func hash32(of bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
