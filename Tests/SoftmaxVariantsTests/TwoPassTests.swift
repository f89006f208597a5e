import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import SoftmaxVariants

@Suite("Two-pass softmax")
struct TwoPassTests {
  @Test("Outputs are within their bounds of the exact softmax")
  func outputsAreWithinBounds() throws {
    try expectOutputsWithinBounds("two-pass")
  }

  @Test("A single logit gives one within a rounding of each of two operations")
  func singleLogitGivesOne() throws {
    for logit in [0, 1, -7.5, 20] as [Double] {
      try expectWithinBound("two-pass", on: [Float16(logit)])
      try expectWithinBound("two-pass", on: [BFloat16(rounding: logit)])
      try expectWithinBound("two-pass", on: [Float(logit)])
      try expectWithinBound("two-pass", on: [logit])
    }
  }

  @Test("Masked logits give zero, and a lane without a softmax gives NaN")
  func maskedAndSpecialLanes() throws {
    try forEachVariant(of: ["two-pass"], MaskedLogitsGiveZero())
    try forEachVariant(of: ["two-pass"], SpecialLanesGiveNaN())
  }

  @Test("Logits whose exponent is no sensible integer are outside the domain")
  func largeLogitsAreOutsideTheDomain() throws {
    let variant = try #require(SoftmaxVariant(named: "two-pass"))
    #expect(try bound(of: variant, on: [Float16(0), 236]) != nil)
    #expect(try bound(of: variant, on: [Float16(0), 237]) == nil)
    #expect(try bound(of: variant, on: [BFloat16.zero, BFloat16(rounding: 29.5)]) != nil)
    #expect(try bound(of: variant, on: [BFloat16.zero, BFloat16(rounding: 29.625)]) == nil)
    #expect(try bound(of: variant, on: [Float16(0), -65_504]) == nil)
    #expect(try bound(of: variant, on: [Float(1.9e6), 0]) != nil)
    #expect(try bound(of: variant, on: [Float(2e6), 0]) == nil)
  }

  @Test("Logits from the largest to the smallest exponent of the domain are within the bound")
  func edgesOfTheDomainAreBounded() throws {
    try expectWithinBound("two-pass", on: [Float16(236), 235, 0, -236, -1])
    try expectWithinBound("two-pass", on: [29.5, 29, -29.5, 3].map { BFloat16(rounding: $0) })
    try expectWithinBound("two-pass", on: [Float(-1.9e6), 1.9e6, 1.9e6 - 3])
    try expectWithinBound("two-pass", on: [-1e15, 1e15, 1e15 - 2])
  }

  @Test("A subnormal result is rounded once: by the scaling, from a product that is normal")
  func subnormalResultsAreRoundedOnce() throws {
    var random = SplitMix64(seed: 1074)
    for _ in 0..<60 {
      let bulk = -32 + random.uniform(-1, 1) * 0x1p-40
      let lane = Array(repeating: bulk, count: 21) + [bulk - random.uniform(707, 712)]
      try expectWithinBound("two-pass", on: lane)
    }
    for exponent in [-1023, -1030, -1070, -1074, -1075, -1080] {
      for _ in 0..<50 {
        let value = random.uniform(0, 1) * random.uniform(0, 1)
        var exact = BigFloat(value)
        exact.formProduct(withPowerOfTwo: exponent)
        #expect(value.scaled(byPowerOfTwo: exponent) == Double(rounding: exact))
      }
    }
  }

  @Test("The two parts of ln 2 miss it by no more than they say")
  func constantErrorsAreKnown() {
    var exact = BigFloat(precision: 400)
    exact.setLogarithm(BigFloat(2), .toNearestOrEven)

    func expectErrors<F: BinaryFloat>(of format: F.Type) {
      let constants = TwoPass.Constants<F>()
      var rest = BigFloat(precision: 400)
      rest.setDifference(exact, BigFloat(exactly: constants.high), .toNearestOrEven)
      let highError = abs(rest.double(.toNearestOrEven))
      rest.formDifference(BigFloat(exactly: constants.low), .toNearestOrEven)
      let lowError = abs(rest.double(.toNearestOrEven))
      let u = F.format.unitRoundoff
      #expect(abs(constants.highError - highError) <= 1e-12 * highError)
      #expect(highError <= u / 2)
      #expect(constants.lowError >= lowError)
      #expect(constants.lowError <= u * u / 2 + 0x1p-52 * u)
    }
    expectErrors(of: Float16.self)
    expectErrors(of: BFloat16.self)
    expectErrors(of: Float.self)
    expectErrors(of: Double.self)
  }
}
