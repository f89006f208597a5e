#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The decompressor of DEFLATE streams (RFC 1951), which zip archives hold.
///
/// Nothing is trusted: a stream gives exactly as many bytes as were announced, or an error, and no
/// memory is asked for beyond these.
struct Inflate {
  /// The reason why a stream cannot be decompressed, to stand after the name of a file.
  struct Flaw: Error, Equatable {
    let message: String
  }

  private let input: UnsafeRawBufferPointer
  private var position = 0
  /// Bits that were read from the input and not used, the next one lowest.
  private var bits: UInt64 = 0
  private var bitCount = 0
  private let output: UnsafeMutableRawBufferPointer
  private var written = 0

  /// The most that a stream can grow: 258 bytes from a length and a distance of one bit each.
  static let largestGrowth = 1032

  /// The bytes that a stream holds.
  ///
  /// - Parameter size: How many they are said to be.
  static func bytes(of stream: Data, size: Int) throws(Flaw) -> Data {
    // A block takes at least ten bits beside what it copies.
    guard size <= (stream.count + 1) * largestGrowth else {
      throw Flaw(message: "claims to hold more than its compressed bytes can")
    }
    var result = Data(count: size)
    let outcome = stream.withUnsafeBytes { input in
      result.withUnsafeMutableBytes { output in
        Result<Void, Flaw> { () throws(Flaw) in
          var inflate = Inflate(input: input, output: output)
          try inflate.run()
        }
      }
    }
    try outcome.get()
    return result
  }

  private init(input: UnsafeRawBufferPointer, output: UnsafeMutableRawBufferPointer) {
    self.input = input
    self.output = output
  }

  private mutating func run() throws(Flaw) {
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try copyStored()
      case 1: try decode(.fixedLiterals, .fixedDistances)
      case 2:
        let (literals, distances) = try dynamicCodes()
        try decode(literals, distances)
      default: throw Flaw(message: "is damaged: a block of its compressed data is of no known kind")
      }
    }
    guard written == output.count else {
      throw Flaw(message: "is damaged: it holds fewer bytes than it says")
    }
  }

  // MARK: Bits

  /// Fills up the bits as far as the input goes.
  private mutating func refill() {
    while bitCount <= 56, position < input.count {
      bits |= UInt64(input[position]) << UInt64(bitCount)
      position += 1
      bitCount += 8
    }
  }

  /// The next bits as a number, the first of them lowest.
  private mutating func take(_ count: Int) throws(Flaw) -> Int {
    if bitCount < count { refill() }
    guard bitCount >= count else { throw Self.cutShort }
    let value = Int(bits & (1 << UInt64(count) - 1))
    bits >>= UInt64(count)
    bitCount -= count
    return value
  }

  private static let cutShort = Flaw(message: "is cut short within its compressed data")
  private static let tooLong = Flaw(message: "is damaged: it holds more bytes than it says")

  // MARK: Blocks

  private mutating func copyStored() throws(Flaw) {
    _ = try take(bitCount % 8)
    let count = try take(16)
    guard try take(16) == count ^ 0xFFFF else {
      throw Flaw(message: "is damaged: a block of its compressed data contradicts its own length")
    }
    for _ in 0..<count {
      let byte = UInt8(try take(8))
      guard written < output.count else { throw Self.tooLong }
      output[written] = byte
      written += 1
    }
  }

  /// Decodes literals and copies until the end of a block.
  private mutating func decode(_ literals: HuffmanCode, _ distances: HuffmanCode) throws(Flaw) {
    while true {
      let symbol = try next(in: literals)
      if symbol < 256 {
        guard written < output.count else { throw Self.tooLong }
        output[written] = UInt8(symbol)
        written += 1
        continue
      }
      if symbol == 256 { return }
      guard symbol - 257 < Self.lengths.count else { throw Self.damagedCode }
      let (length, lengthBits) = Self.lengths[symbol - 257]
      let count = length + (try take(lengthBits))
      let place = try next(in: distances)
      guard place < Self.distances.count else { throw Self.damagedCode }
      let (distance, distanceBits) = Self.distances[place]
      let back = distance + (try take(distanceBits))
      guard back <= written else {
        throw Flaw(
          message: "is damaged: its compressed data refer to what is before their beginning")
      }
      guard count <= output.count - written else { throw Self.tooLong }
      // The two may overlap: then what is copied repeats.
      for _ in 0..<count {
        output[written] = output[written - back]
        written += 1
      }
    }
  }

  private static let damagedCode = Flaw(
    message: "is damaged: its compressed data hold a code that stands for nothing")

  /// The next symbol of a code.
  private mutating func next(in code: HuffmanCode) throws(Flaw) -> Int {
    if bitCount < HuffmanCode.longest { refill() }
    var value = 0
    var first = 0
    var index = 0
    for length in 1...HuffmanCode.longest {
      guard length <= bitCount else { throw Self.cutShort }
      value |= Int(bits >> UInt64(length - 1) & 1)
      let count = code.counts[length]
      if value - first < count {
        bits >>= UInt64(length)
        bitCount -= length
        return code.symbols[index + value - first]
      }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw Self.damagedCode
  }

  // MARK: Codes

  /// The codes that stand at the beginning of a block, themselves compressed.
  private mutating func dynamicCodes() throws(Flaw) -> (HuffmanCode, HuffmanCode) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    let codeCount = try take(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw Self.damagedCode }
    var lengths = [Int](repeating: 0, count: 19)
    for place in Self.codeOrder.prefix(codeCount) { lengths[place] = try take(3) }
    let code = try HuffmanCode(lengths: lengths)
    var all: [Int] = []
    while all.count < literalCount + distanceCount {
      let symbol = try next(in: code)
      switch symbol {
      case 0..<16: all.append(symbol)
      case 16:
        guard let last = all.last else { throw Self.damagedCode }
        all += Array(repeating: last, count: try take(2) + 3)
      case 17: all += Array(repeating: 0, count: try take(3) + 3)
      default: all += Array(repeating: 0, count: try take(7) + 11)
      }
    }
    guard all.count == literalCount + distanceCount, all[256] > 0 else { throw Self.damagedCode }
    return (
      try HuffmanCode(lengths: Array(all.prefix(literalCount))),
      try HuffmanCode(lengths: Array(all.dropFirst(literalCount)))
    )
  }

  /// A canonical code: how many symbols there are of each length, and the symbols in the order of
  /// their codes.
  private struct HuffmanCode {
    static let longest = 15
    private(set) var counts = [Int](repeating: 0, count: longest + 1)
    private(set) var symbols: [Int] = []

    /// - Parameter lengths: The bits of each symbol's code; 0 for one that has none.
    init(lengths: [Int]) throws(Flaw) {
      for length in lengths where length > 0 { counts[length] += 1 }
      // How many codes of a length are left.
      var left = 1
      for length in 1...Self.longest {
        left = left << 1 - counts[length]
        guard left >= 0 else { throw Inflate.damagedCode }
      }
      symbols = lengths.indices.filter { lengths[$0] > 0 }.sorted {
        (lengths[$0], $0) < (lengths[$1], $1)
      }
    }

    private init(known lengths: [Int]) {
      for length in lengths { counts[length] += 1 }
      symbols = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    }

    static let fixedLiterals = HuffmanCode(
      known: Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112)
        + Array(repeating: 7, count: 24) + Array(repeating: 8, count: 8))
    static let fixedDistances = HuffmanCode(known: Array(repeating: 5, count: 30))
  }

  /// The smallest length of each symbol from 257 on, and how many bits are added to it.
  private static let lengths: [(Int, Int)] = {
    var result: [(Int, Int)] = []
    var length = 3
    for bits in [
      0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5,
    ] {
      result.append((length, bits))
      length += 1 << bits
    }
    // The longest has a symbol of its own.
    return result + [(258, 0)]
  }()

  /// The smallest distance of each symbol, and how many bits are added to it.
  private static let distances: [(Int, Int)] = {
    var result: [(Int, Int)] = []
    var distance = 1
    for bits in [0, 0] + (0...13).flatMap({ [$0, $0] }) {
      result.append((distance, bits))
      distance += 1 << bits
    }
    return result
  }()

  /// The order in which the lengths of the code of codes stand.
  private static let codeOrder = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
}
