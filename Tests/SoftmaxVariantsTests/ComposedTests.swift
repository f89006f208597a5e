import FloatFormats
import Testing

@testable import SoftmaxVariants

@Suite("Softmaxes put together from steps")
struct ComposedTests {
  static let algorithms = [
    "max-trick+exp2+reciprocal", "max-trick+exp2+log", "online+reciprocal", "online+log",
    "online+exp2", "online+exp2+reciprocal", "online+exp2+log",
  ]

  @Test("Every combination keeps its bound", arguments: algorithms)
  func withinBounds(algorithm: String) throws {
    try expectOutputsWithinBounds(algorithm)
  }

  @Test("Combinations have names, which come back, in any order of modifiers")
  func names() {
    #expect(SoftmaxVariant.combinations.count == 7 * 4 * 2)
    for variant in SoftmaxVariant.combinations {
      #expect(SoftmaxVariant(named: variant.name) == variant)
      #expect(!SoftmaxVariant.all.contains(variant))
    }
    #expect(Set(SoftmaxVariant.combinations.map(\.algorithmName)) == Set(Self.algorithms))
    #expect(
      SoftmaxVariant(named: "max-trick+reciprocal+exp2/pairwise/float32")?.name
        == "max-trick+exp2+reciprocal/pairwise/float32")
    #expect(SoftmaxVariant(named: "max-trick+exp2/lanes-8")?.name == "exp2/lanes-8")
    #expect(SoftmaxVariant(named: "max-trick+reciprocal")?.algorithmName == "max-trick-reciprocal")
    #expect(SoftmaxVariant(named: "max-trick+log")?.algorithmName == "logsumexp-shifted")
    for wrong in [
      "max-trick+", "max-trick+exp3", "exp2+reciprocal", "online+exp2+exp2",
      "online+reciprocal+log",
      "two-pass+exp2", "+exp2",
    ] {
      #expect(SoftmaxVariant(named: wrong) == nil, "\(wrong)")
    }
  }

  @Test("The bounds of combinations are those of the algorithms that they are")
  func sameAsAlgorithms() throws {
    let lane = try #require(LaneProfile([0, -3, 2.5, 1, -40, 2.5, -88] as [Float]))
    func bounds<Algorithm: SoftmaxAlgorithm>(_ algorithm: Algorithm.Type) throws -> [Double] {
      try #require(Algorithm.deviations(on: lane, .pairwise, computingIn: Float.self))
        .map(\.magnitude)
    }
    #expect(
      try bounds(Composed<Difference, DirectSum, Division>.self) == bounds(MaxTrick.self))
    #expect(
      try bounds(Composed<Difference, DirectSum, ReciprocalProduct>.self)
        == bounds(MaxTrickReciprocal.self))
    #expect(
      try bounds(Composed<Difference, DirectSum, LogSubtraction>.self)
        == bounds(LogSumExpShifted.self))
    #expect(
      try bounds(Composed<Difference, RescaledSum, Division>.self) == bounds(Online.self))
    #expect(
      try bounds(Composed<ScaledDifference, DirectSum, Division>.self)
        == bounds(ExponentialBaseTwo.self))
  }

  @Test("Equal logits give 1/n within half an ulp or a little more, whatever n is")
  func equalLogits() throws {
    for name in ["max-trick/sequential", "online+exp2/lanes-8", "exp2/pairwise"] {
      let variant = try #require(SoftmaxVariant(named: name))
      for count in [1, 3, 1000, 50_000] {
        let lane = try #require(LaneProfile([Float](repeating: -7, count: count)))
        let bound = try #require(
          variant.bound(on: lane, computingIn: Float.self, output: .float32))
        #expect(bound[0] * Double(count) <= 0x1.001p-24, "\(name), \(count)")
      }
    }
  }
}
