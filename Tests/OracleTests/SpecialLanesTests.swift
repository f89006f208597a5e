import FloatFormats
import Oracle
import Testing

@testable import AuditedOperations

@Suite("Special lanes")
struct SpecialLanesTests {
  private func kind(_ lane: [Float]) -> SpecialLane? {
    SoftmaxOracle().softmax(of: lane, in: .float32).special
  }

  @Test func `NaN comes before infinity, and infinity before masks`() {
    let inf = Float.infinity
    #expect(kind([1, .nan, inf]) == .holdsNaN)
    #expect(kind([.nan]) == .holdsNaN)
    #expect(kind([-inf, .nan]) == .holdsNaN)
    #expect(kind([1, inf, -inf]) == .holdsInfinity)
    #expect(kind([inf, inf]) == .holdsInfinity)
    #expect(kind([-inf]) == .fullyMasked)
    #expect(kind([-inf, -inf, -inf]) == .fullyMasked)
    #expect(kind([-inf, 0]) == nil)
    #expect(kind([-.greatestFiniteMagnitude]) == nil)
    #expect(kind([]) == nil)
  }

  @Test func `a special lane has no probabilities`() {
    let reference = SoftmaxOracle().softmax(of: [1, Double.infinity], in: .float64)
    #expect(reference.values.isEmpty)
    #expect(reference.count == 2)
    #expect(reference.logits.infinityCount == 1)
  }

  @Test func `the default expects a NaN somewhere in every special lane`() {
    let policy = SpecialLanePolicy.nanSomewhere
    #expect(policy.expectation(for: .holdsNaN, infinityCount: 0) == .nanSomewhere)
    #expect(policy.expectation(for: .holdsInfinity, infinityCount: 1) == .nanSomewhere)
    #expect(policy.expectation(for: .fullyMasked, infinityCount: 0) == .nanSomewhere)
  }

  @Test func `each declaration changes its own kind of lane alone`() {
    let cases:
      [(
        SpecialLanePolicy, nan: SpecialExpectation, one: SpecialExpectation,
        two: SpecialExpectation, masked: SpecialExpectation
      )] = [
        (.nanEverywhere, .nanEverywhere, .nanEverywhere, .nanEverywhere, .nanEverywhere),
        (.maskedZero, .nanSomewhere, .nanSomewhere, .nanSomewhere, .zeros),
        (.maskedUniform, .nanSomewhere, .nanSomewhere, .nanSomewhere, .uniform),
        (.infinityOneHot, .nanSomewhere, .oneHot, .nanSomewhere, .nanSomewhere),
        (.nanZero, .zeros, .nanSomewhere, .nanSomewhere, .nanSomewhere),
        (.nanAsMasked, .withoutNaNs, .nanSomewhere, .nanSomewhere, .nanSomewhere),
        ([.nanZero, .nanEverywhere], .zeros, .nanEverywhere, .nanEverywhere, .nanEverywhere),
        (
          [.nanEverywhere, .maskedZero, .infinityOneHot], .nanEverywhere, .oneHot, .nanEverywhere,
          .zeros
        ),
      ]
    for (policy, nan, one, two, masked) in cases {
      #expect(policy.expectation(for: .holdsNaN, infinityCount: 1) == nan)
      #expect(policy.expectation(for: .holdsInfinity, infinityCount: 1) == one)
      #expect(policy.expectation(for: .holdsInfinity, infinityCount: 2) == two)
      #expect(policy.expectation(for: .fullyMasked, infinityCount: 0) == masked)
    }
  }

  @Test func `policies have the names of the command line`() {
    #expect(
      SpecialLanePolicy.names.map(\.0) == [
        "nan-somewhere", "nan-everywhere", "masked-zero", "masked-uniform", "infinity-one-hot",
        "nan-zero", "nan-as-masked",
      ])
    for (name, policy) in SpecialLanePolicy.names { #expect(policy.description == name) }
    #expect(
      ([.infinityOneHot, .maskedZero] as SpecialLanePolicy).description
        == "masked-zero,infinity-one-hot")
  }

  @Test func `what contradicts itself is told, what only differs by kind of lane is not`() {
    #expect(
      ([.maskedZero, .maskedUniform] as SpecialLanePolicy).contradiction
        == "masked-zero and masked-uniform contradict each other; declare one of them")
    #expect(
      ([.nanZero, .nanAsMasked] as SpecialLanePolicy).contradiction
        == "nan-zero and nan-as-masked contradict each other; declare one of them")
    #expect(
      ([.nanZero, .maskedUniform, .infinityOneHot] as SpecialLanePolicy).contradiction == nil)
  }
}
