import CLaneKernels
import MultiPrecision
import Oracle
import TestSupport
import Testing

@Suite("Constants of the filters")
struct FilterConstantsTests {
  private static let precision = 400

  private func number(_ value: Double) -> BigFloat {
    var result = BigFloat(precision: Self.precision)
    result.assign(value, .toNearestOrEven)
    return result
  }

  /// log 2, times 2^exponent.
  private func logTwo(timesPowerOfTwo exponent: Int) -> BigFloat {
    var result = BigFloat(precision: Self.precision)
    result.setLogarithm(BigFloat(2.0), .toNearestOrEven)
    result.formProduct(withPowerOfTwo: exponent)
    return result
  }

  /// The modified Bessel function I_k at ln 2 / 2, by its series sum (h/2)^(2m + k) / (m! (m +
  /// k)!).
  private func bessel(_ k: Int) -> BigFloat {
    let quarter = logTwo(timesPowerOfTwo: -2)
    var term = number(1)
    for j in 0..<k {
      term.formProduct(quarter, .toNearestOrEven)
      term.formQuotient(number(Double(j + 1)), .toNearestOrEven)
    }
    var sum = BigFloat(copying: term)
    for m in 1..<60 {
      term.formProduct(quarter, .toNearestOrEven)
      term.formProduct(quarter, .toNearestOrEven)
      term.formQuotient(number(Double(m * (m + k))), .toNearestOrEven)
      sum.formSum(term, .toNearestOrEven)
    }
    return sum
  }

  @Test(
    "The polynomial is the Chebyshev expansion of the exponential, and its two errors are what the proof says"
  )
  func polynomial() {
    let degree = 10
    // Integer coefficients of T_k, by T_k = 2 x T_(k-1) - T_(k-2).
    var chebyshev: [[Double]] = [[1], [0, 1]]
    for k in 2...degree {
      var next = [0] + chebyshev[k - 1].map { 2 * $0 }
      for (j, c) in chebyshev[k - 2].enumerated() { next[j] -= c }
      chebyshev.append(next)
    }
    let half = logTwo(timesPowerOfTwo: -1)
    let constants = lane_single_coefficients()
    var rounding = 0.0
    for j in 0...degree {
      var coefficient = number(0)
      for k in j...degree where chebyshev[k][j] != 0 {
        var part = bessel(k)
        part.formProduct(number(chebyshev[k][j] * (k == 0 ? 1 : 2)), .toNearestOrEven)
        coefficient.formSum(part, .toNearestOrEven)
      }
      // T_k(r / h): the coefficient of r^j is that of x^j over h^j.
      var power = number(1)
      for _ in 0..<j { power.formProduct(half, .toNearestOrEven) }
      coefficient.formQuotient(power, .toNearestOrEven)
      let constant = constants?[j] ?? .nan
      #expect(coefficient.double(.toNearestOrEven) == constant, "degree \(j)")
      coefficient.formDifference(number(constant), .toNearestOrEven)
      coefficient.formProduct(power, .toNearestOrEven)
      rounding += abs(coefficient.double(.toNearestOrEven))
    }
    var cut = 0.0
    for k in degree + 1..<degree + 20 { cut += 2 * bessel(k).double(.up) }
    // e^(ln 2 / 2), and the very ends of the interval.
    let cutOff = cut * (1 + 0x1p-29) * 1.41422
    #expect(cutOff < 2.75 * 0x1p-53, "\(cutOff / 0x1p-53) u")
    #expect(rounding * 1.41422 <= 0.5 * 0x1p-53, "\(rounding * 1.41422 / 0x1p-53) u")
    #expect(cutOff + rounding * 1.41422 > 3 * 0x1p-53)
  }

  @Test("ln 2 is cut into parts whose multiples are exact")
  func reduction() {
    let parts = (0..<5).map { lane_reduction_parts()?[$0] ?? .nan }
    // Multiples of 2^-43, 2^-42 and 2^-76 below 1, 2^-8 and 2^-42.
    #expect((parts[0] * 0x1p43).rounded() == parts[0] * 0x1p43 && parts[0] < 1)
    #expect((parts[2] * 0x1p42).rounded() == parts[2] * 0x1p42 && parts[2] < 0x1p-8)
    #expect((parts[3] * 0x1p76).rounded() == parts[3] * 0x1p76 && parts[3] < 0x1p-42)
    var rest = logTwo(timesPowerOfTwo: 0)
    rest.formDifference(number(parts[0]), .toNearestOrEven)
    rest.formDifference(number(parts[1]), .toNearestOrEven)
    #expect(abs(rest.double(.toNearestOrEven)) <= 0x1p-97)
    var fine = logTwo(timesPowerOfTwo: -8)
    for part in parts[2...] { fine.formDifference(number(part), .toNearestOrEven) }
    #expect(abs(fine.double(.toNearestOrEven)) <= 0x1p-130)
  }

  @Test("The table holds the powers of two as rounded pairs")
  func table() {
    let table = lane_powers_of_two()
    for j in 0..<256 {
      var power = BigFloat(precision: Self.precision)
      power.setExponentialTwo(number(Double(j) / 256), .toNearestOrEven)
      let high = power.double(.toNearestOrEven)
      power.formDifference(number(high), .toNearestOrEven)
      #expect(table?[2 * j] == high, "\(j)")
      #expect(table?[2 * j + 1] == power.double(.toNearestOrEven), "\(j)")
    }
  }
}
