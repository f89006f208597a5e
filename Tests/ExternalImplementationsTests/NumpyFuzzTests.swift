import ExternalImplementations
import FloatFormats
import Testing

@testable import Basics

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("Reading damaged .npy files")
struct NumpyFuzzTests {
  /// Reads a file as a user would, in all three ways, and says whether it was accepted.
  ///
  /// The promise under test: an array that the file can hold, or malformed input with a message in
  /// one line of printable ASCII. A trap would end the whole test run.
  private func outcome(of bytes: Data, _ description: @autoclosure () -> String) -> Bool {
    do {
      let array = try NumpyArray(parsing: bytes, name: "x.npy", integersAre: .bfloat16)
      let bits = array.storedBits
      let isConsistent =
        bits.count == array.count && array.count == array.shape.reduce(1, *)
        && array.count * array.storedFormat.bitWidth / 8 <= bytes.count
        && array.elements(as: BFloat16.self).count == array.count
      if !isConsistent { Issue.record("\(description()): shape \(array.shape), \(bits.count)") }
      for axis in array.shape.indices {
        _ = try? array.tensor(as: Float.self, axis: axis)
      }
      return true
    } catch {
      let isClear =
        error.kind == .malformedInput && error.message.hasPrefix("x.npy ")
        && error.message.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        && error.message.utf8.count < 2500
      if !isClear { Issue.record("\(description()): \(error)") }
      return false
    }
  }

  private static let seeds: [Data] = (NumpyFixture.readable + NumpyFixture.refused)
    .compactMap { Data(base64Encoded: $0.base64) }

  /// Pieces of headers, good and bad, that mutations put together.
  private static let tokens = [
    "{", "}", "(", ")", "[", "]", ",", ":", "'", "\"", "\\", " ", "\n", "L", "-", "0", "1", "00",
    "1000000000000000000", "9223372036854775807", "18446744073709551616", "4294967296", "True",
    "False", "None", "'descr'", "'fortran_order'", "'shape'", "'<f4'", "'>f8'", "'<V2'", "'|O'",
    "(0,)", "(1,)", "()", "(-1,)", "#", "\u{0}", "é", "1e9", "0x10", "<u2", "f2", "[('a', '<f4')]",
  ]

  /// One random change of a file.
  private func mutate(_ bytes: inout Data, using generator: inout SplitMix64) {
    func place(upTo limit: Int) -> Int { Int.random(in: 0...max(0, limit), using: &generator) }
    let count = bytes.count
    // Most changes go to the header: the data may be anything.
    let headerEnd = min(count, 128)
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: bytes = bytes.prefix(place(upTo: count))
    case 1 where count > 0:
      bytes[place(upTo: headerEnd - 1)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
    case 2 where count > 0:
      bytes[place(upTo: headerEnd - 1)] = UInt8.random(in: 0...255, using: &generator)
    case 3:
      let token = Self.tokens[place(upTo: Self.tokens.count - 1)]
      bytes.insert(contentsOf: Data(token.utf8), at: place(upTo: headerEnd))
    case 4 where count > 0:
      let start = place(upTo: headerEnd - 1)
      bytes.removeSubrange(start..<min(count, start + 1 + place(upTo: 8)))
    case 5 where count > 0:
      let token = Data(Self.tokens[place(upTo: Self.tokens.count - 1)].utf8)
      let start = place(upTo: headerEnd - 1)
      bytes.replaceSubrange(start..<min(count, start + token.count), with: token)
    case 6 where count > 12:
      bytes[8 + place(upTo: 3)] = UInt8.random(in: 0...255, using: &generator)
    case 7 where count > 128:
      bytes[128 + place(upTo: count - 129)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
    case 8:
      bytes.append(contentsOf: (0...place(upTo: 20)).map { UInt8(truncatingIfNeeded: $0) })
    default:
      if count > 20 {
        // A digit for a digit keeps the header valid: only shapes and sizes change.
        let digits = (10..<headerEnd).filter { (0x30...0x39).contains(bytes[$0]) }
        if let digit = digits.randomElement(using: &generator) {
          bytes[digit] = UInt8.random(in: 0x30...0x39, using: &generator)
        }
      }
    }
    bytes = Data(bytes)
  }

  /// Makes the length of the header true again, so that the change before is not all that is seen.
  private func repairHeaderLength(of bytes: inout Data) {
    guard bytes.count > 12, let newline = bytes[10...].firstIndex(of: UInt8(ascii: "\n")) else {
      return
    }
    let lengthSize = bytes[6] == 1 ? 2 : 4
    let length = max(0, newline + 1 - 8 - lengthSize)
    for i in 0..<lengthSize { bytes[8 + i] = UInt8(length >> (8 * i) & 0xFF) }
  }

  @Test("Random changes of good files give an array or a clear error", arguments: 0..<8)
  func survivesMutations(shard: Int) {
    var generator = SplitMix64(seed: 0xF022 + UInt64(shard))
    var accepted = 0
    let trials = 2500 * FuzzEffort.factor
    for trial in 0..<trials {
      var bytes = Self.seeds[Int.random(in: 0..<Self.seeds.count, using: &generator)]
      let changes = Int.random(in: 1...3, using: &generator)
      for _ in 0..<changes { mutate(&bytes, using: &generator) }
      if trial.isMultiple(of: 2) { repairHeaderLength(of: &bytes) }
      if outcome(of: bytes, "shard \(shard), trial \(trial)") { accepted += 1 }
    }
    // Both sides of the fence are visited, so that the test cannot pass by refusing everything.
    #expect(accepted > trials / 40)
    #expect(accepted < trials / 2)
  }

  @Test("A good file cut anywhere is refused")
  func refusesEveryTruncation() {
    for seed in Self.seeds {
      for count in 0..<seed.count {
        #expect(!outcome(of: seed.prefix(count), "cut after \(count)"))
      }
    }
  }

  @Test("Every single bit flip in a header gives an array or a clear error")
  func survivesEveryBitFlip() {
    for seed in Self.seeds.prefix(4) {
      for bit in 0..<8 * min(seed.count, 128) {
        var bytes = seed
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        _ = outcome(of: bytes, "bit \(bit)")
      }
    }
  }

  @Test("Random tokens in place of a header give an array or a clear error")
  func survivesRandomHeaders() {
    var generator = SplitMix64(seed: 77)
    for trial in 0..<4000 {
      let tokens = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
        Self.tokens.randomElement(using: &generator) ?? ""
      }
      let header = tokens.joined(separator: trial.isMultiple(of: 2) ? " " : "")
      let version = UInt8.random(in: 1...3, using: &generator)
      let full =
        trial.isMultiple(of: 3)
        ? header : "{'descr': '<f4', 'fortran_order': True, 'shape': \(header)}"
      _ = outcome(of: HandmadeFile.bytes(header: full, version: version), "trial \(trial)")
    }
  }

  @Test("Random bytes behind the magic string give an array or a clear error")
  func survivesRandomBytes() {
    var generator = SplitMix64(seed: 5)
    for trial in 0..<4000 {
      var bytes = Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59])
      if trial.isMultiple(of: 2) { bytes += [UInt8(1 + trial / 2 % 3), 0, 40, 0] }
      let count = Int.random(in: 0...200, using: &generator)
      for _ in 0..<count { bytes.append(UInt8.random(in: 0...255, using: &generator)) }
      _ = outcome(of: bytes, "trial \(trial)")
    }
  }

  @Test("Headers of a million characters are read or refused in time that grows with their length")
  func survivesLongHeaders() {
    let million = 1_000_000
    let start = "{'descr': '<f4', 'fortran_order': False, 'shape': ("
    let headers = [
      String(repeating: "[", count: million),
      "{'descr': " + String(repeating: "[", count: million),
      "{'descr': '" + String(repeating: "f", count: million) + "'",
      start + String(repeating: "1,", count: million),
      start + String(repeating: "9", count: million),
      String(repeating: " ", count: million),
    ]
    for header in headers {
      #expect(!outcome(of: HandmadeFile.bytes(header: header, version: 2), "long header"))
    }
    let padded = start + "1,)}" + String(repeating: " ", count: million)
    let file = HandmadeFile.bytes(header: padded, version: 2, data: [0, 0, 0, 0])
    #expect(outcome(of: file, "padded header"))
  }
}
