import FloatFormats
import Testing

@testable import SoftmaxVariants

@Suite("Naive softmax")
struct NaiveTests {
  @Test("Outputs are within their bounds of the exact softmax")
  func outputsAreWithinBounds() throws {
    try expectOutputsWithinBounds("naive")
  }

  @Test("It overflows where exp does, and the bound excludes that")
  func overflowsOutsideTheDomain() throws {
    func expectOverflow<F: BinaryFloat>(at logit: Double, _ format: F.Type) throws {
      let lane = [F(rounding: logit), F.zero]
      for variant in variants(of: "naive", for: F.format) where variant.accumulation == nil {
        #expect(try bound(of: variant, on: lane) == nil)
        #expect(try outputs(of: variant, on: lane)[0].isNaN)
        let inside = [F(rounding: logit - 1.5), F.zero]
        #expect(try bound(of: variant, on: inside) != nil)
      }
    }
    try expectOverflow(at: 11.75, Float16.self)
    try expectOverflow(at: 89, BFloat16.self)
    try expectOverflow(at: 89, Float.self)
    try expectOverflow(at: 710, Double.self)
  }

  @Test("Computing in float32 moves the overflow of 16-bit logits to that of float32")
  func widerComputationOverflowsLater() throws {
    try expectWithinBoundInFloat32([Float16(12), 0])
    let variant = try #require(SoftmaxVariant(named: "naive/float32"))
    #expect(try bound(of: variant, on: [Float16(90), 0]) == nil)
  }

  private func expectWithinBoundInFloat32(_ lane: [Float16]) throws {
    let variant = try #require(SoftmaxVariant(named: "naive/float32"))
    let ratio = try #require(try ReferencedLane(lane).largestRatio(of: variant))
    #expect(ratio <= 1)
  }

  @Test("A term that vanishes is within the bound: the error of zero is p itself")
  func vanishingTermsAreBounded() throws {
    try expectWithinBound("naive", on: [Float16(-16.5), -18])
    try expectWithinBound("naive", on: [BFloat16(rounding: -92.0), BFloat16(rounding: -94.0)])
  }

  @Test("A lane far below zero is outside the domain: no exponential is left")
  func veryNegativeLanesAreOutsideTheDomain() throws {
    for variant in variants(of: "naive", for: .float32) {
      #expect(try bound(of: variant, on: [Float(-200), -201]) == nil)
      #expect(try outputs(of: variant, on: [Float(-200), -201]).allSatisfy(\.isNaN))
    }
  }

  @Test("A single logit gives exactly one, masked ones zero, and no output exceeds one")
  func simpleLanes() throws {
    try forEachVariant(of: ["naive"], SingleLogitGivesOne())
    try forEachVariant(of: ["naive"], MaskedLogitsGiveZero())
    try forEachVariant(of: ["naive"], NoOutputExceedsOne())
  }

  @Test("A lane without a softmax gives NaN")
  func specialLanesGiveNaN() throws {
    try forEachVariant(of: ["naive"], SpecialLanesGiveNaN())
  }
}
