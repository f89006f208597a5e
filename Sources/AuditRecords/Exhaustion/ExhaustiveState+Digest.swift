import Basics

extension ExhaustiveState {
  /// SHA-256 over the sums of all blocks in order, each as 8 bytes, the lowest first.
  ///
  /// - Parameter texts: The sums of each block, 16 hexadecimal digits each.
  /// - Returns: `nil` where a text is no such pair.
  package static func digest(ofChecksums texts: [String]) -> String? {
    var bytes: [UInt8] = []
    for text in texts {
      let digits = Array(text)
      guard digits.count == 32 else { return nil }
      for half in [digits[..<16], digits[16...]] {
        guard let word = UInt64(String(half), radix: 16) else { return nil }
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
          bytes.append(UInt8(truncatingIfNeeded: word >> shift))
        }
      }
    }
    return SHA256.hexDigest(of: bytes)
  }
}
