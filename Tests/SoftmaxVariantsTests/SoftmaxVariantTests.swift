import FloatFormats
import Testing

@testable import SoftmaxVariants

@Suite("Built-in variants")
struct SoftmaxVariantTests {
  @Test("There are 64, none twice")
  func allAreDistinct() {
    #expect(SoftmaxVariant.all.count == 64)
    #expect(Set(SoftmaxVariant.all).count == 64)
    #expect(Set(SoftmaxVariant.all.map(\.name)).count == 64)
  }

  @Test("A variant is found under its name", arguments: SoftmaxVariant.all)
  func namesRoundTrip(variant: SoftmaxVariant) {
    #expect(SoftmaxVariant(named: variant.name) == variant)
    #expect(variant.name.hasPrefix(variant.algorithmName + "/" + variant.summation.rawValue))
    #expect(!variant.formula.isEmpty && !variant.source.isEmpty)
  }

  @Test("Without a summation the sequential one is meant")
  func summationCanBeLeftOut() {
    #expect(SoftmaxVariant(named: "max-trick")?.name == "max-trick/sequential")
    #expect(SoftmaxVariant(named: "online/float32")?.name == "online/sequential/float32")
  }

  @Test(
    "What is no name names nothing",
    arguments: [
      "", "/", "max-trick/", "/sequential", "Max-Trick", "max-trick/quadratic", "softmax",
      "max-trick/sequential/float32/float32", "max-trick/float32/sequential",
      "max-trick/sequential/float8", "max-trick/sequential/", "max-trick//float32",
    ])
  func unknownNamesAreRefused(name: String) {
    #expect(SoftmaxVariant(named: name) == nil)
  }

  @Test("Variants that compute in float32 are offered for the 16-bit formats alone")
  func formatsOffered() {
    for variant in SoftmaxVariant.all {
      if variant.accumulation == nil {
        #expect(variant.formats == FloatFormat.allCases)
        for format in FloatFormat.allCases {
          #expect(variant.computingFormat(for: format) == format)
        }
      } else {
        #expect(variant.accumulation == .float32)
        #expect(variant.formats == [.float16, .bfloat16])
        #expect(variant.computingFormat(for: .bfloat16) == .float32)
      }
    }
  }

  @Test("Rounding to another output format adds at most half an ulp to the bound")
  func finalRoundingIsBounded() throws {
    let profile = try #require(LaneProfile([Float(0), -1, -5]))
    let variant = try #require(SoftmaxVariant(named: "max-trick"))
    let inner = try #require(
      variant.bound(on: profile, computingIn: Float.self, output: .float32))
    let outer = try #require(
      variant.bound(on: profile, computingIn: Float.self, output: .bfloat16))
    for index in 0..<3 {
      let p = profile.probability(index)
      let added = outer[index] - inner[index]
      #expect(added > 0.99 * p * 0x1p-8 && added < 1.01 * p * 0x1p-8)
    }
    // A wider format holds the result exactly.
    let wider = try #require(
      variant.bound(on: profile, computingIn: Float.self, output: .float64))
    #expect(wider == inner)
  }

  @Test("A bound near the least subnormal of float64 is not lost to rounding")
  func boundsNearTheLeastSubnormalAreHeld() throws {
    let variant = try #require(SoftmaxVariant(named: "max-trick"))
    let bound = try #require(try bound(of: variant, on: [0, -744.0]))
    let ulps = bound[1].scaled(byPowerOfTwo: 1074)
    #expect(ulps >= 0.5 && ulps <= 8)
  }
}
