import FloatFormats
import TestSupport
import Testing

@testable import SoftmaxVariants

@Suite("Division-free softmax")
struct LogSumExpTests {
  static let forms = ["logsumexp", "logsumexp-shifted"]

  @Test("Outputs are within their bounds of the exact softmax", arguments: forms)
  func outputsAreWithinBounds(algorithm: String) throws {
    try expectOutputsWithinBounds(algorithm)
  }

  @Test("An exact shift of the logits changes no bit where the shift is kept apart")
  func exactShiftChangesNoBit() throws {
    try forEachVariant(of: ["logsumexp-shifted"], ExactShiftChangesNoBit())
  }

  @Test("The error grows with the offset of the logits, and the bound with it")
  func errorGrowsWithTheOffset() throws {
    var random = SplitMix64(seed: 1_000_000)
    let lane = (0..<10).map { _ in Float(1e6 + random.uniform(0, 1)) }
    let absolute = try #require(SoftmaxVariant(named: "logsumexp"))
    let shifted = try #require(SoftmaxVariant(named: "logsumexp-shifted"))
    let referenced = ReferencedLane(lane)
    #expect(try #require(try referenced.largestRatio(of: absolute)) <= 1)
    #expect(try #require(try referenced.largestRatio(of: shifted)) <= 1)
    let difference = try zip(outputs(of: absolute, on: lane), outputs(of: shifted, on: lane))
      .map { abs($0 - $1) / $1 }.max()
    // Without |y| u, Theorem 4.4 of Blanchard, Higham & Higham 2021 allows 16.8 u.
    #expect(try #require(difference) > 1000 * 0x1p-24)
  }

  @Test("An offset beyond which the exponent has no correct digit is outside the domain")
  func largeOffsetsAreOutsideTheDomain() throws {
    let variant = try #require(SoftmaxVariant(named: "logsumexp"))
    #expect(try bound(of: variant, on: [Float16(65_504), 65_472]) == nil)
    #expect(try bound(of: variant, on: [Float(3e38), 3e38]) == nil)
  }

  @Test("A logit too far below the others for binary64 still keeps the result from being exact")
  func vanishingTermsAreBounded() throws {
    for logit in [-700, -744, -746, -800, -999, -1001, -60_000] as [Double] {
      for algorithm in Self.forms {
        try expectWithinBound(algorithm, on: [0, Float16(rounding: logit)])
        try expectWithinBound(algorithm, on: [BFloat16.zero, BFloat16(rounding: logit)])
        try expectWithinBound(algorithm, on: [0, Float(rounding: logit)])
        try expectWithinBound(algorithm, on: [0, logit])
      }
    }
  }

  @Test("A single logit gives exactly one, and masked ones zero", arguments: forms)
  func simpleLanes(algorithm: String) throws {
    try forEachVariant(of: [algorithm], SingleLogitGivesOne())
    try forEachVariant(of: [algorithm], MaskedLogitsGiveZero())
  }

  @Test("A lane without a softmax gives NaN", arguments: forms)
  func specialLanesGiveNaN(algorithm: String) throws {
    try forEachVariant(of: [algorithm], SpecialLanesGiveNaN())
  }
}
