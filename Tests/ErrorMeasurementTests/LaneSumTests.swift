import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@testable import ErrorMeasurement

@Suite("Sum of a lane")
struct LaneSumTests {
  /// |sum - 1| with 5000 bits, which hold every sum of binary64 numbers.
  private func defect<F: BinaryFloat>(_ values: [F]) -> ExactReal {
    var total = BigFloat(precision: 5000)
    total.assign(-1, .toNearestOrEven)
    for value in values { total.formSum(BigFloat(value.exactDouble), .toNearestOrEven) }
    total.formAbsoluteValue()
    let copy = BigFloat(copying: total)
    return ExactReal(lower: total, upper: copy)
  }

  private func disagreements<F: BinaryFloat>(_ lanes: [[F]]) throws -> [String] {
    var sum = LaneSum()
    return try lanes.flatMap { lane -> [String] in
      sum.reset()
      for value in lane { sum.add(value) }
      let truth = defect(lane)
      var found: [String] = []
      let certified = sum.certifiedDefect()
      if certified != (try truth.figure()) { found.append("certified \(certified.hexText)") }
      let approximate = sum.approximateDefect()
      let expected = truth.double
      if expected.isInfinite
        ? approximate != expected : abs(approximate - expected) > expected * 0x1p-45
      {
        found.append("approximate \(approximate.hexText) for \(expected.hexText)")
      }
      return found.map { "\(F.format) \(lane.count) \(lane.prefix(6).map(\.hexText)): \($0)" }
    }
  }

  @Test("The defect of any lane is the exact one", arguments: FloatFormat.allCases)
  func defectsMatchMultiplePrecision(format: FloatFormat) throws {
    func check<F: BinaryFloat>(_ format: F.Type) throws -> [String] {
      var random = SplitMix64(seed: 8)
      var lanes: [[F]] = [
        [], [.zero], [-F.zero], [.one], [.one, .leastSubnormal], [F.one.nextDown], [F.one.nextUp],
        [.one.nextDown, .leastSubnormal], [.leastSubnormal], [.greatestFinite],
        [.greatestFinite, .greatestFinite, .one], [.greatestFinite, .leastSubnormal],
        Array(repeating: F(rounding: 0.001), count: 1000),
        Array(repeating: .leastSubnormal, count: 99),
        Array(repeating: F(rounding: 0.5), count: 2), Array(repeating: .greatestFinite, count: 300),
      ]
      for length in [2, 5, 40] {
        for _ in 0..<20 {
          // What a softmax would give, slightly wrong.
          let weights = (0..<length).map { _ in Double.random(in: 0...1, using: &random) }
          let total = weights.reduce(0, +)
          lanes.append(weights.map { F(rounding: $0 / total) })
          lanes.append((0..<length).map { _ in F.randomNonnegative(&random) })
        }
      }
      return try disagreements(lanes)
    }
    let found = try check(format.type)
    #expect(found.isEmpty, "\(found.count): \(found.prefix(5).joined(separator: "\n"))")
  }

  @Test("Negative totals and cancelling outputs have the right magnitude")
  func negativeTotals() throws {
    var random = SplitMix64(seed: 9)
    var lanes: [[Double]] = [
      [-1], [-1e300, 3], [1e300, -1e300], [1e300, -1e300, 1], [1, 0x1p-1074], [1, -0x1p-1074],
      [-0x1p-1074], [1e300], [1e300, 1e-300], [2], [-0x1p1000, 0x1p-1000], [0.5, 0.5, -0x1p-1074],
    ]
    for _ in 0..<60 {
      lanes.append(
        (0..<8).map { _ in
          let value = Double.randomNonnegative(&random)
          return Bool.random(using: &random) ? value : -value
        })
      lanes.append((0..<30).map { _ in Double.random(in: -0.1...0.09, using: &random) })
    }
    let found = try disagreements(lanes)
    #expect(found.isEmpty, "\(found.count): \(found.prefix(5).joined(separator: "\n"))")
  }

  @Test("A sum that would stagnate in floating point does not")
  func longLanes() {
    var sum = LaneSum()
    // 2^17 terms of 2^-17: 1 exactly; bfloat16 addition would stop at 2^-9.
    let term = BFloat16(rounding: 0x1p-17)
    for _ in 0..<131_072 { sum.add(term) }
    #expect(sum.certifiedDefect() == 0 && sum.approximateDefect() == 0)
    sum.add(term)
    #expect(sum.certifiedDefect() == 0x1p-17 && sum.approximateDefect() == 0x1p-17)
  }

  @Test("A reset sum has forgotten its lane")
  func reset() {
    var sum = LaneSum()
    sum.add(1e300)
    sum.add(0x1p-1074)
    sum.reset()
    #expect(sum.certifiedDefect() == 1 && sum.approximateDefect() == 1)
    sum.add(0.25)
    #expect(sum.certifiedDefect() == 0.75 && sum.approximateDefect() == 0.75)
  }
}
