import FloatFormats
import RealModule
import TestSupport
import Testing

@testable import LogitFamilies

@Suite("Families as language models and attention make them")
struct LanguageModelFamiliesTests {
  /// -sum p log2 p with p the softmax of the lane, in binary64.
  private func entropy(of lane: [Double]) -> Double {
    let top = lane.max() ?? 0
    let weights = lane.map { Double.exp($0 - top) }
    let sum = weights.reduce(0, +)
    return weights.reduce(0) { $0 - ($1 > 0 ? $1 / sum * Double.log2($1 / sum) : 0) }
  }

  private func lane<F: BinaryFloat>(
    _ name: String, _ length: Int, _ sample: Int, as format: F.Type
  ) throws -> [Double] {
    try LogitFamily.named(name).lane(seed: 3, length: length, sample: sample, as: format)
      .map(\.exactDouble)
  }

  @Test(
    "The entropy over a vocabulary is the one in the name",
    arguments: [
      ("llm-entropy-half", 0.5), ("llm-entropy-2", 2), ("llm-entropy-4", 4), ("llm-entropy-6", 6),
    ])
  func entropies(name: String, bits: Double) throws {
    for (length, sample) in [(1000, 0), (1000, 1), (32_000, 0), (128_256, 0)] {
      let exact = entropy(of: try lane(name, length, sample, as: Double.self))
      #expect(abs(exact - bits) < 1e-9, "\(length): \(exact)")
      // The logits are numbers of the format: at 16 bits that moves the entropy a little.
      for narrow in [
        try lane(name, length, sample, as: Float16.self),
        try lane(name, length, sample, as: BFloat16.self),
      ] {
        #expect(abs(entropy(of: narrow) - bits) < 0.15 * bits)
      }
    }
  }

  @Test("Lanes too short for the entropy have three quarters of what they can have")
  func shortLanes() throws {
    for length in [2, 3, 17] {
      let found = entropy(of: try lane("llm-entropy-6", length, 0, as: Double.self))
      #expect(abs(found - 0.75 * Double.log2(Double(length))) < 1e-9)
    }
  }

  @Test("Two logits 1 apart have the entropy of a coin of odds e when the factor is 1")
  func factorOfTwoLogits() {
    // p = 1 / (1 + e^-1) = 0.731058578630005: H = 0.839941537983169 bits.
    let factor = inverseTemperature(of: [0, -1], entropy: 0x1.ae0cd138611a5p-1)
    #expect(abs(factor - 1) < 1e-9)
    #expect(inverseTemperature(of: [3, 3, 3], entropy: 1) == 1)
  }

  @Test("The first key of a lane with a sink has a logit between 4 and 12", arguments: 0..<5)
  func sink(sample: Int) throws {
    let found = try lane("attention-sink", 1024, sample, as: Float.self)
    #expect(found[0] >= 4 && found[0] <= 12)
  }

  @Test("A causal lane is masked from one key on, and never whole", arguments: 0..<5)
  func causal(sample: Int) throws {
    let found = try lane("attention-causal", 1024, sample, as: Float.self)
    let seen = found.prefix { $0 > -.infinity }.count
    #expect(seen >= 1 && found.dropFirst(seen).allSatisfy { $0 == -.infinity })
  }
}
