/// A fast hash of words of 64 bits, for tables within one process that compare what they look up.
package struct WordHash: Sendable {
  @usableFromInline var state: UInt64

  /// The hash of the words so far.
  @inlinable package var value: UInt64 { state }

  /// The hash of no words.
  ///
  /// - Parameter salt: The bits that tell tables or kinds of words apart.
  @inlinable package init(salt: UInt64 = 0) { state = FNV1a(salt: salt).value }

  /// Adds a word: a multiplication by 2^64 over the golden ratio, and a shift for the low bits.
  @inlinable package mutating func add(_ word: UInt64) {
    state = (state ^ word) &* 0x9E37_79B9_7F4A_7C15
    state ^= state >> 29
  }
}
