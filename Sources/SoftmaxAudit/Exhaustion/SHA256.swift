/// SHA-256, after FIPS 180-4, for digests that anyone can compute again with a tool of their own.
struct SHA256 {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  /// The digest of some bytes, in hexadecimal.
  static func hexDigest(of bytes: some Sequence<UInt8>) -> String {
    var hash = SHA256()
    for byte in bytes { hash.append(byte) }
    return hash.finish()
  }

  private mutating func append(_ byte: UInt8) {
    length += 8
    pending.append(byte)
    if pending.count == 64 { compress() }
  }

  private mutating func finish() -> String {
    let bits = length
    append(0x80)
    while pending.count != 56 { append(0) }
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: bits >> shift))
    }
    return state.map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }.joined()
  }

  private mutating func compress() {
    func rotated(_ x: UInt32, _ count: UInt32) -> UInt32 { x >> count | x << (32 - count) }
    var w = [UInt32](repeating: 0, count: 64)
    for index in 0..<16 {
      w[index] = pending[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    for index in 16..<64 {
      let (a, b) = (w[index - 15], w[index - 2])
      let first = rotated(a, 7) ^ rotated(a, 18) ^ a >> 3
      let second = rotated(b, 17) ^ rotated(b, 19) ^ b >> 10
      w[index] = w[index - 16] &+ first &+ w[index - 7] &+ second
    }
    var s = state
    for index in 0..<64 {
      let e = rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25)
      let choice = (s[4] & s[5]) ^ (~s[4] & s[6])
      let t = s[7] &+ e &+ choice &+ Self.constants[index] &+ w[index]
      let a = rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22)
      let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2])
      s = [t &+ a &+ majority, s[0], s[1], s[2], s[3] &+ t, s[4], s[5], s[6]]
    }
    for index in 0..<8 { state[index] &+= s[index] }
    pending.removeAll(keepingCapacity: true)
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = primes(64).map { prime in
    // The integer part of 2^32 times the cube root, by bisection in integers; the low 32 bits are the fraction.
    var (low, high) = (UInt128(0), UInt128(1) << 36)
    while high - low > 1 {
      let middle = (low + high) / 2
      if middle * middle * middle <= UInt128(prime) << 96 { low = middle } else { high = middle }
    }
    return UInt32(truncatingIfNeeded: low)
  }

  private static func primes(_ count: Int) -> [Int] {
    var found: [Int] = []
    var candidate = 2
    while found.count < count {
      if found.allSatisfy({ candidate % $0 != 0 }) { found.append(candidate) }
      candidate += 1
    }
    return found
  }
}
