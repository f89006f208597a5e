import FloatFormats
import Foundation
import Testing

@testable import PropertyTesting

@Suite("CounterGenerator")
struct CounterGeneratorTests {
  /// The lines `philox4x32 10` of `kat_vectors` in the Random123 distribution.
  private static let knownAnswers: [(counter: [UInt32], key: [UInt32], answer: [UInt32])] = [
    ([0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    (
      [.max, .max, .max, .max], [.max, .max],
      [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
    ),
    (
      [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
    ),
  ]

  @Test("Philox 4x32-10 gives the published answers", arguments: 0..<3)
  func knownAnswers(index: Int) {
    let (counter, key, answer) = Self.knownAnswers[index]
    let words = CounterGenerator.philox(
      counter: (counter[0], counter[1], counter[2], counter[3]), key: (key[0], key[1]))
    #expect([words.0, words.1, words.2, words.3] == answer)
  }

  /// FNV-1a test vectors of the authors' own test suite (64 bits).
  @Test(
    "The seed is the key, the FNV-1a hash of the name and the number of the block are the counter",
    arguments: [
      ("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c),
      ("foobar", 0x8594_4171_f739_67e8),
    ] as [(String, UInt64)])
  func counterLayout(name: String, hash: UInt64) {
    let seed: UInt64 = 0x299f_31d0_a409_3822
    var generator = CounterGenerator(seed: seed, stream: name)
    for block in UInt32(0)..<5 {
      let words = CounterGenerator.philox(
        counter: (block, 0, UInt32(truncatingIfNeeded: hash), UInt32(hash >> 32)),
        key: (0xa409_3822, 0x299f_31d0))
      let first = generator.next()
      let second = generator.next()
      #expect([first, first >> 32].map { UInt32(truncatingIfNeeded: $0) } == [words.0, words.1])
      #expect([second, second >> 32].map { UInt32(truncatingIfNeeded: $0) } == [words.2, words.3])
    }
  }

  @Test("A stream does not depend on what was drawn from another")
  func streamsAreIndependent() {
    var alone = CounterGenerator(seed: 7, stream: "b")
    let expected = (0..<20).map { _ in alone.next() }
    var other = CounterGenerator(seed: 7, stream: "a")
    var interleaved = CounterGenerator(seed: 7, stream: "b")
    let drawn = (0..<20).map { index in
      for _ in 0..<index { _ = other.next() }
      return interleaved.next()
    }
    #expect(drawn == expected)
  }

  @Test("Streams of other names and seeds share no number and agree in half of their bits")
  func streamsDiffer() {
    let streams = [(1, "a"), (1, "b"), (2, "a"), (1 << 32, "a")].map { seed, name in
      var generator = CounterGenerator(seed: UInt64(seed), stream: name)
      return (0..<1000).map { _ in generator.next() }
    }
    #expect(Set(streams.joined()).count == 4000)
    for (first, second) in [(0, 1), (0, 2), (0, 3), (1, 2)] {
      let common = zip(streams[first], streams[second])
        .reduce(0) { $0 + (~($1.0 ^ $1.1)).nonzeroBitCount }
      // 64 000 fair bits: standard deviation 126.
      #expect(abs(common - 32_000) < 800)
    }
  }

  @Test("Uniform deviates are multiples of 2^-53 in [0, 1) with the moments of the distribution")
  func uniformDeviates() {
    var generator = CounterGenerator(seed: 3, stream: "uniform")
    let values = (0..<50_000).map { _ in generator.uniform() }
    #expect(values.allSatisfy { (0..<1).contains($0) && ($0 * 0x1p53).rounded() == $0 * 0x1p53 })
    expectMean(values, 1.0 / 2, deviation: (1.0 / 12).squareRoot())
    expectMean(values.map { $0 * $0 }, 1.0 / 3, deviation: (4.0 / 45).squareRoot())
    expectMean(values.map { $0 < 0.1 ? 1 : 0 }, 0.1, deviation: 0.3)
    expectMean(
      zip(values, values.dropFirst()).map { ($0 - 0.5) * ($1 - 0.5) }, 0, deviation: 1 / 12)
    let scaled = (0..<2000).map { _ in generator.uniform(-3, 5) }
    #expect(scaled.allSatisfy { (-3..<5).contains($0) })
    expectMean(scaled, 1, deviation: 8 / 12.0.squareRoot())
  }

  @Test("Normal deviates have the moments and the tails of the distribution")
  func normalDeviates() {
    var generator = CounterGenerator(seed: 4, stream: "normal")
    let values = (0..<50_000).map { _ in generator.normal() }
    expectMean(values, 0, deviation: 1)
    expectMean(values.map { $0 * $0 }, 1, deviation: 2.0.squareRoot())
    expectMean(values.map { $0 * $0 * $0 }, 0, deviation: 15.0.squareRoot())
    expectMean(values.map { $0 * $0 * $0 * $0 }, 3, deviation: 96.0.squareRoot())
    expectMean(zip(values, values.dropFirst()).map { $0 * $1 }, 0, deviation: 1)
    for (edge, share) in [(1, 0.317_310_5), (2, 0.045_500_3), (3, 0.002_699_8)] {
      expectMean(
        values.map { abs($0) > Double(edge) ? 1 : 0 }, share,
        deviation: (share * (1 - share)).squareRoot())
    }
  }

  @Test("Normal deviates are those that the logarithm alone would keep")
  func normalDeviatesByLogarithm() {
    for seed: UInt64 in 0..<4 {
      var generator = CounterGenerator(seed: seed, stream: "normal")
      var uniform = generator
      for _ in 0..<20_000 {
        var kept: Double?
        while kept == nil {
          let u = 1 - uniform.uniform()
          // sqrt(8 / e)
          let x = 1.7155277699214135 * (uniform.uniform() - 0.5) / u
          if x * x <= -4 * log(u) { kept = x }
        }
        #expect(generator.normal() == kept)
      }
    }
  }

  @Test("Student deviates have the quantiles of three degrees of freedom")
  func studentDeviates() {
    var generator = CounterGenerator(seed: 5, stream: "student")
    let values = (0..<20_000).map { _ in generator.studentThree() }
    // The two-sided quantiles of the tables.
    for (edge, share) in [(0.765, 0.5), (2.353, 0.1), (3.182, 0.05), (5.841, 0.01)] {
      expectMean(
        values.map { abs($0) > edge ? 1 : 0 }, share, deviation: (share * (1 - share)).squareRoot())
      expectMean(
        values.map { $0 > edge ? 1 : 0 }, share / 2,
        deviation: (share / 2 * (1 - share / 2)).squareRoot())
    }
  }

  @Test("Integers stay in their range and are equally frequent")
  func integers() {
    var generator = CounterGenerator(seed: 6, stream: "integers")
    var counts: [Int: Int] = [:]
    for _ in 0..<30_000 { counts[generator.integer(-2...3), default: 0] += 1 }
    #expect(counts.keys.sorted() == [-2, -1, 0, 1, 2, 3])
    // Standard deviation 65.
    #expect(counts.values.allSatisfy { abs($0 - 5000) < 350 })
    #expect((0..<50).allSatisfy { _ in generator.integer(9...9) == 9 })
  }

  /// Expects a sample mean within five of its standard deviations.
  private func expectMean(
    _ values: [Double], _ mean: Double, deviation: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let sample = values.reduce(0, +) / Double(values.count)
    let limit = 5 * deviation / Double(values.count).squareRoot()
    #expect(abs(sample - mean) < limit, "\(sample.hexText)", sourceLocation: sourceLocation)
  }
}
