import FloatFormats

/// Two sums over the outputs of a block, which a line of NumPy gives again.
///
/// With o_0, o_1, ... the encodings of the outputs of a block as unsigned integers, lane by lane,
/// and every NaN taken for the same quiet one: the sum of o_j and the sum of (j + 1) o_j, both
/// modulo 2^64.
struct OutputChecksum: Sendable, Hashable {
  private(set) var sum: UInt64 = 0
  private(set) var weighted: UInt64 = 0
  private var count: UInt64 = 0

  /// Adds the outputs that follow.
  mutating func add<G: BinaryFloat>(_ outputs: UnsafePointer<G>, count outputCount: Int) {
    let magnitudeMask = G.BitPattern.max >> 1
    let infinity = G.infinity.bitPattern
    let nan = UInt64(infinity | infinity >> 1 & ~infinity | Self.quietBit(of: G.self))
    var (sum, weighted) = (UInt64(0), UInt64(0))
    for index in 0..<outputCount {
      let encoding = outputs[index].bitPattern
      let word = encoding & magnitudeMask > infinity ? nan : UInt64(encoding)
      sum &+= word
      weighted &+= UInt64(index + 1) &* word
    }
    self.sum &+= sum
    self.weighted &+= weighted &+ count &* sum
    count += UInt64(outputCount)
  }

  private static func quietBit<G: BinaryFloat>(of format: G.Type) -> G.BitPattern {
    1 << G.BitPattern(G.format.precision - 2)
  }

  /// Both sums in hexadecimal, 16 digits each.
  var text: String { Self.hexText(sum) + Self.hexText(weighted) }

  private static func hexText(_ word: UInt64) -> String {
    let text = String(word, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
