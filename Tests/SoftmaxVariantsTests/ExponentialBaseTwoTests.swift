import FloatFormats
import MultiPrecision
import Testing

@testable import SoftmaxVariants

@Suite("Softmax with exp2")
struct ExponentialBaseTwoTests {
  @Test("Outputs are within their bounds of the exact softmax")
  func outputsAreWithinBounds() throws {
    try expectOutputsWithinBounds("exp2")
  }

  @Test("An exact shift of the logits changes no bit, and a uniform lane gives 1/n")
  func exactProperties() throws {
    try forEachVariant(of: ["exp2"], ExactShiftChangesNoBit())
    try forEachVariant(of: ["exp2"], UniformLaneIsCorrectlyRounded())
  }

  @Test("A single logit gives exactly one, masked ones zero, and no output exceeds one")
  func simpleLanes() throws {
    try forEachVariant(of: ["exp2"], SingleLogitGivesOne())
    try forEachVariant(of: ["exp2"], MaskedLogitsGiveZero())
    try forEachVariant(of: ["exp2"], NoOutputExceedsOne())
  }

  @Test("A lane without a softmax gives NaN")
  func specialLanesGiveNaN() throws {
    try forEachVariant(of: ["exp2"], SpecialLanesGiveNaN())
  }

  @Test("The constant is log2 e, and its error in a format is known")
  func constantErrorIsKnown() {
    // 1 / ln 2
    var exact = BigFloat(precision: 300)
    exact.setLogarithm(BigFloat(2), .toNearestOrEven)
    var inverse = BigFloat(precision: 300)
    inverse.setQuotient(BigFloat(1), exact, .toNearestOrEven)

    func expectError<F: BinaryFloat>(of format: F.Type) {
      var error = BigFloat(precision: 300)
      error.setDifference(
        inverse, BigFloat(exactly: F(rounding: ScaledDifference.log2E.high)), .toNearestOrEven)
      error.formQuotient(inverse, .toNearestOrEven)
      let expected = abs(error.double(.toNearestOrEven))
      let actual = ScaledDifference.constantError(format)
      #expect(abs(actual - expected) <= 1e-12 * expected)
      #expect(actual <= F.format.unitRoundoff)
    }
    expectError(of: Float16.self)
    expectError(of: BFloat16.self)
    expectError(of: Float.self)
    expectError(of: Double.self)
  }
}
