/// The CRC-32 of ISO 3309, as in Ethernet and zlib.
package enum CRC32 {
  /// The checksum of some bytes.
  ///
  /// Bit by bit, without a table: tokens are short.
  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var remainder: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
      }
    }
    return ~remainder
  }
}
