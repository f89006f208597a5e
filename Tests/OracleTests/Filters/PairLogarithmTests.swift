import CLaneKernels
import MultiPrecision
import TestSupport
import Testing

@testable import Oracle

@Suite("Logarithms of sums in double-double")
struct PairLogarithmTests {
  /// |value - ln (k + t)| in units of 2^-106 of the logarithm.
  private func error(tied: UInt64, tail: lane_pair) -> Double {
    var exact = BigFloat(precision: 400)
    var sum = BigFloat(precision: 1200)
    sum.setSum(BigFloat(tail.high), BigFloat(tail.low), .toNearestOrEven)
    sum.formSum(BigFloat(integer: tied - 1), .toNearestOrEven)
    exact.setLogarithmOnePlus(sum, .toNearestOrEven)
    let value = PairLogarithm.value(tied: tied, tail: tail)
    var difference = BigFloat(copying: exact)
    difference.formDifference(BigFloat(value.high), .toNearestOrEven)
    difference.formDifference(BigFloat(value.low), .toNearestOrEven)
    difference.formQuotient(exact, .toNearestOrEven)
    return abs(difference.double(.toNearestOrEven)) * 0x1p106
  }

  @Test("They are as good as their proof says, wherever the sum lies")
  func bound() {
    var generator = SplitMix64(seed: 17)
    var largest = 0.0
    for _ in 0..<4000 {
      let tied = UInt64.random(
        in: 1...(Bool.random(using: &generator) ? 1 : 1000), using: &generator)
      let least = Bool.random(using: &generator) ? -4 : -899
      let high = Double(
        sign: .plus, exponent: Int.random(in: least...20, using: &generator),
        significand: Double.random(in: 1..<2, using: &generator))
      let low = high * 0x1p-54 * Double.random(in: -1...1, using: &generator)
      largest = max(largest, error(tied: tied, tail: lane_pair(high: high, low: low)))
    }
    // Next to the sums at which the reduction changes.
    for power in 0..<12 {
      for step in -20...20 {
        let sum = Double(1 << power) * 2.squareRoot() * (1 + Double(step) * 0x1p-50)
        largest = max(largest, error(tied: 1, tail: lane_pair(sum - 1)))
      }
    }
    #expect(largest <= PairLogarithm.error, "\(largest) u^2")
    #expect(largest > 1)
  }

  @Test("A tail that is next to nothing is its own logarithm")
  func tails() {
    for tail in [0x1p-899, 0x1.8p-300, 0x1.234p-120] {
      let value = PairLogarithm.value(tied: 1, tail: lane_pair(tail))
      #expect(value.high == tail && abs(value.low) <= 0x1p-106 * tail)
    }
  }
}
