import FloatFormats
import Testing

@testable import SoftmaxVariants

@Suite("Online softmax")
struct OnlineTests {
  @Test("Outputs are within their bounds of the exact softmax")
  func outputsAreWithinBounds() throws {
    try expectOutputsWithinBounds("online")
  }

  @Test("An exact shift of the logits changes no bit of the outputs")
  func exactShiftChangesNoBit() throws {
    try forEachVariant(of: ["online"], ExactShiftChangesNoBit())
  }

  @Test("A uniform lane gives the correctly rounded 1/n")
  func uniformLaneIsCorrectlyRounded() throws {
    try forEachVariant(of: ["online"], UniformLaneIsCorrectlyRounded())
  }

  @Test("A single logit gives exactly one, masked ones zero")
  func simpleLanes() throws {
    try forEachVariant(of: ["online"], SingleLogitGivesOne())
    try forEachVariant(of: ["online"], MaskedLogitsGiveZero())
  }

  @Test("A lane without a softmax gives NaN")
  func specialLanesGiveNaN() throws {
    try forEachVariant(of: ["online"], SpecialLanesGiveNaN())
  }

  @Test("A descending lane is never rescaled and gives what the max trick gives, bit for bit")
  func descendingLanesAreTheMaxTrick() throws {
    let lane = (0..<50).map { 3 - Float($0) * 0.37 }
    for summation in ["sequential", "compensated"] {
      #expect(
        try outputs(of: "online/\(summation)", on: lane)
          == outputs(of: "max-trick/\(summation)", on: lane))
    }
  }

  @Test("A staircase whose factors all round to one errs by half the steps, within the bound")
  func staircaseErrsWithItsLength() throws {
    let lane = (0..<2048).map { Float($0) * 0x1p-26 }
    try expectWithinBound("online", on: lane)
    let computed = try outputs(of: "online", on: lane)
    let better = try outputs(of: "max-trick/compensated", on: lane)
    #expect(abs(computed[0] - better[0]) > 200 * 0x1p-24 * better[0])
  }
}
