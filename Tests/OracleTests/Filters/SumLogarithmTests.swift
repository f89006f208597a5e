import MultiPrecision
import TestSupport
import Testing

@testable import Oracle

@Suite("Logarithms of sums in binary64")
struct SumLogarithmTests {
  /// |value - ln (k + t)| in units of 2^-53 of the logarithm.
  private func error(tied: UInt64, tail: Double) -> Double {
    var ratio = BigFloat(precision: 200)
    ratio.setQuotient(BigFloat(tail), BigFloat(integer: tied), .toNearestOrEven)
    var exact = BigFloat(precision: 200)
    exact.setLogarithmOnePlus(ratio, .toNearestOrEven)
    var logarithm = BigFloat(precision: 200)
    logarithm.setLogarithm(BigFloat(integer: tied), .toNearestOrEven)
    exact.formSum(logarithm, .toNearestOrEven)
    var difference = BigFloat(copying: exact)
    difference.formDifference(
      BigFloat(SumLogarithm.value(tied: tied, tail: tail)), .toNearestOrEven)
    difference.formQuotient(exact, .toNearestOrEven)
    return abs(difference.double(.toNearestOrEven)) * 0x1p53
  }

  @Test("They are as good as their proof says, wherever the sum lies")
  func bound() {
    var generator = SplitMix64(seed: 17)
    var largest = 0.0
    for _ in 0..<20_000 {
      let tied = UInt64.random(
        in: 1...(Bool.random(using: &generator) ? 1 : 1000), using: &generator)
      let exponent = Int.random(in: -190...20, using: &generator)
      let significand = Double.random(in: 1..<2, using: &generator)
      let tail = Double(sign: .plus, exponent: exponent, significand: significand)
      largest = max(largest, error(tied: tied, tail: tail))
    }
    // Next to the sums at which the reduction changes.
    for power in 0..<12 {
      for step in -50...50 {
        let sum = Double(1 << power) * 2.squareRoot() * (1 + Double(step) * 0x1p-50)
        largest = max(largest, error(tied: 1, tail: sum - 1))
      }
    }
    #expect(largest <= SumLogarithm.error, "\(largest) u")
    #expect(largest > 1)
  }

  @Test("A tail that is next to nothing is its own logarithm")
  func tails() {
    for tail in [0x1p-1000, 0x1.8p-300, 0x1.234p-60] {
      #expect(SumLogarithm.value(tied: 1, tail: tail) == tail)
    }
    #expect(SumLogarithm.value(tied: 1, tail: 0) == 0)
  }
}
