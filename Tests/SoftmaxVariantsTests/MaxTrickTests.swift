import FloatFormats
import RealModule
import Testing

@testable import SoftmaxVariants

@Suite("Max trick")
struct MaxTrickTests {
  static let forms = ["max-trick", "max-trick-reciprocal"]

  @Test("Outputs are within their bounds of the exact softmax", arguments: forms)
  func outputsAreWithinBounds(algorithm: String) throws {
    try expectOutputsWithinBounds(algorithm)
  }

  @Test("An exact shift of the logits changes no bit of the outputs")
  func exactShiftChangesNoBit() throws {
    try forEachVariant(of: Self.forms, ExactShiftChangesNoBit())
  }

  @Test("A uniform lane gives the correctly rounded 1/n")
  func uniformLaneIsCorrectlyRounded() throws {
    try forEachVariant(of: Self.forms, UniformLaneIsCorrectlyRounded())
  }

  @Test("A single logit gives exactly one, masked ones zero, and no output exceeds one")
  func simpleLanes() throws {
    try forEachVariant(of: Self.forms, SingleLogitGivesOne())
    try forEachVariant(of: Self.forms, MaskedLogitsGiveZero())
    try forEachVariant(of: Self.forms, NoOutputExceedsOne())
  }

  @Test("A lane without a softmax gives NaN")
  func specialLanesGiveNaN() throws {
    try forEachVariant(of: Self.forms, SpecialLanesGiveNaN())
  }

  @Test("A sum that overflows float16 is outside the domain of the bound, and overflows")
  func sumThatOverflowsIsOutsideTheDomain() throws {
    let lane = [Float16](repeating: 0, count: 70_000)
    let variant = try #require(SoftmaxVariant(named: "max-trick/pairwise"))
    #expect(try bound(of: variant, on: lane) == nil)
    #expect(try outputs(of: variant, on: lane).allSatisfy { $0 == 0 })
  }

  @Test("A reciprocal that is subnormal in float16 is bounded")
  func subnormalReciprocalIsBounded() throws {
    var lane = [Float16](repeating: 0, count: 20_011)
    lane[7] = -0.3
    let referenced = ReferencedLane(lane)
    for name in ["max-trick-reciprocal/pairwise", "max-trick-reciprocal/lanes-8"] {
      let variant = try #require(SoftmaxVariant(named: name))
      let ratio = try #require(try referenced.largestRatio(of: variant))
      #expect(ratio <= 1)
    }
  }

  @Test("A float64 result half way between two subnormals is bounded")
  func subnormalMidpointsAreBounded() throws {
    // log of (k + 1/2) least subnormals: the exact result is within 1e-13 of the midpoint.
    for half in 0..<8 {
      let logit = Double.log(0x1p-1000 * (Double(half) + 0.5)) - 74 * Double.log(2)
      for steps in -2...2 {
        let nearby = Double(bitPattern: logit.bitPattern &+ UInt64(bitPattern: Int64(steps)))
        for algorithm in Self.forms + ["online", "exp2", "naive", "two-pass"] {
          try expectWithinBound(algorithm, on: [0, nearby])
        }
      }
    }
  }

  @Test("Distances that overflow are bounded")
  func overflowingDistancesAreBounded() throws {
    for algorithm in Self.forms + ["online", "exp2", "logsumexp-shifted"] {
      try expectWithinBound(algorithm, on: [1.5e308, -1.5e308])
      try expectWithinBound(algorithm, on: [Float16(65_504), -65_504])
      try expectWithinBound(algorithm, on: [Float.greatestFiniteMagnitude, -3e38])
    }
  }
}
