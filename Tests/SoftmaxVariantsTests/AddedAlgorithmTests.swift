import AuditedOperations
import FloatFormats
import TestSupport
import Testing

@testable import SoftmaxVariants

/// Terms at twice the scale: the quotients are those of ``MaxTrick``, and so are the bounds.
private enum DoubledTerms: SoftmaxAlgorithm {
  static var name: String { "doubled-terms" }
  static var formula: String { "2 exp(x - m) / sum 2 exp(x - m)" }
  static var source: String { "this test" }
  static var seesDifferencesOnly: Bool { true }

  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let m = maximum(lane)
    for index in lane.indices { lane[index] = C.exp(lane[index] - m).scaled(byPowerOfTwo: 1) }
    let sum = summation.sum(count: lane.count) { Unscaled(Rounded(lane[$0])) }.number.value
    for index in lane.indices { lane[index] = lane[index] / sum }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    MaxTrick.trace(lane, summation, at: index, trace)
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    MaxTrick.deviations(on: lane, summation, computingIn: format)
  }
}

/// The gradient p g - p sum p g, as a form of its own.
private enum SeparateProducts: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxVJP }
  static var name: String { "separate-products" }
  static var formula: String { "p g - p sum p g" }
  static var source: String { "this test" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let terms = shifted(lane.first, summation)
    let p = terms.exponentials.map { $0 / terms.sum }
    let products = zip(p, lane.upstream).map { $0 * $1 }
    let mean = sum(products, summation)
    return zip(products, p).map { $0 - $1 * mean }
  }
}

@Suite("Algorithms from outside")
struct AddedAlgorithmTests {
  @Test("A softmax in one type is evaluated in every format, and keeps the bound that it states")
  func softmax() throws {
    let entry = AlgorithmEntry(DoubledTerms.self)
    #expect(entry.operation == .softmax && entry.name == "doubled-terms")
    func check<C: BinaryFloat>(_ format: C.Type) throws {
      for logits in [[0, 1, 2], [5, -3, 0.5, 0.5], [0, -9], [7]] {
        let lane = logits.map { C(rounding: $0) }
        var outputs = lane
        outputs.withUnsafeMutableBufferPointer { entry.evaluate($0, lane.count, .sequential) }
        let profile = try #require(LaneProfile(lane))
        let bounds = try #require(entry.bound(profile, .sequential, C.self, C.format))
        for (index, p) in ExactSoftmax.probabilities(of: lane).enumerated() {
          #expect(abs(outputs[index].exactDouble - p.double) <= bounds[index] + 0x1p-52)
        }
      }
    }
    for format in FloatFormat.allCases { try check(format.type) }
  }

  @Test("A gradient in one type has a bound from its code, and gives what the other forms give")
  func gradient() {
    let lane = LaneInputs<Double>([0.5, -1, 2], upstream: [1, -2, 0.25])
    let own = SeparateProducts.float64Errors(DerivedInputs(lane), .sequential) { $0 }
    let known = RecomputedSoftmaxVJP.float64Outputs(DerivedInputs(lane), .sequential) { $0 }
    for (one, other) in zip(own, known) {
      #expect(one.isSound && one.error > 0x1p-56 && one.error < 0x1p-50)
      #expect(abs(one.value - other.value) <= 0x1p-50)
    }
  }
}
