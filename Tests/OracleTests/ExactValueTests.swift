import FloatFormats
import MultiPrecision
import Testing

@testable import Oracle

@Suite("ExactValue")
struct ExactValueTests {
  private func located(
    _ ulps: UInt64, fraction: UInt64, width: UInt64, exponent: Int = -10
  ) -> ExactValue {
    ExactValue(
      lower: UInt128(ulps) << 64 | UInt128(fraction), width: width,
      upperBound: Double(ulps + 1), quantumExponent: exponent, isNormal: true)
  }

  @Test func `an enclosure between a float and the midpoint above it rounds down`() {
    let p = located(1025, fraction: 5, width: 1000)
    #expect(p.floorUnits == 1025)
    #expect(p.ceilingUnits == 1026)
    #expect(p.nearestUnits == 1025)
    #expect(p.upper == p.lower + 1000)
    #expect(!p.isZero)
    #expect(p.correctlyRounded(Float16.self).exactDouble == 1025 * 0x1p-10)
  }

  @Test func `an enclosure that touches its ends lies strictly between them`() {
    // From the float itself up to the midpoint, and from the midpoint up to the next float.
    let below = located(1025, fraction: 0, width: 1 << 63)
    #expect(below.floorUnits == 1025)
    #expect(below.ceilingUnits == 1026)
    #expect(below.nearestUnits == 1025)
    let above = located(1025, fraction: 1 << 63, width: 1 << 63)
    #expect(above.floorUnits == 1025)
    #expect(above.ceilingUnits == 1026)
    #expect(above.nearestUnits == 1026)
  }

  @Test func `a value known exactly is its own floor and ceiling, and a tie goes to even`() {
    let float = located(1027, fraction: 0, width: 0)
    #expect(float.floorUnits == 1027 && float.ceilingUnits == 1027 && float.nearestUnits == 1027)
    #expect(located(1027, fraction: 1 << 63, width: 0).nearestUnits == 1028)
    #expect(located(1028, fraction: 1 << 63, width: 0).nearestUnits == 1028)
    #expect(located(1028, fraction: 1 << 63, width: 0).ceilingUnits == 1029)
    #expect(located(0, fraction: 1 << 63, width: 0).nearestUnits == 0)
  }

  @Test func `zero is exactly zero`() {
    let zero = ExactValue.zero
    #expect(zero.isZero)
    #expect(!zero.isUndecided)
    #expect(zero.floorUnits == 0 && zero.ceilingUnits == 0 && zero.nearestUnits == 0)
    #expect(zero.correctlyRounded(Double.self).bitPattern == 0)
    #expect(zero.approximate == 0)
  }

  @Test func `the approximation is good to about 50 bits`() {
    let third = SoftmaxOracle().softmax(of: [0, 0, 0] as [Float], in: .float32).values[0]
    #expect(abs(third.approximate - 1 / 3) < 0x1p-51)
  }

  /// floor(2^exponent / n), digit by digit.
  private func floorOfQuotient(powerOfTwo exponent: Int, by n: UInt64) -> (UInt128, UInt64) {
    var quotient: UInt128 = 0
    var remainder: UInt64 = 1
    if remainder >= n {
      quotient = 1
      remainder = 0
    }
    for _ in 0..<exponent {
      quotient <<= 1
      remainder <<= 1
      if remainder >= n {
        quotient |= 1
        remainder -= n
      }
    }
    return (quotient, remainder)
  }

  private func checkReciprocal(_ p: ExactValue, _ n: UInt64, in format: FloatFormat) {
    let label: Comment = "1/\(n) in \(format)"
    // The exponent of 1/n: minus the least k with 2^k >= n.
    let exponent = -(64 - (n - 1).leadingZeroBitCount)
    let quantum = max(exponent, format.minimumExponent) - (format.precision - 1)
    let (floor, remainder) = floorOfQuotient(powerOfTwo: 64 - quantum, by: n)
    #expect(p.quantumExponent == Int32(quantum), label)
    #expect(p.lower == floor, label)
    #expect(p.width == (remainder == 0 ? 0 : 1), label)
    #expect(p.isNormal == (exponent >= format.minimumExponent), label)
    #expect(!p.isUndecided, label)
    // The nearest float, from 2^-quantum / n by integers.
    let (units, rest) = floorOfQuotient(powerOfTwo: -quantum, by: n)
    let roundsUp = 2 * rest > n || 2 * rest == n && units & 1 == 1
    let nearest = UInt64(units) + (roundsUp ? 1 : 0)
    #expect(p.nearestUnits == nearest, label)
    #expect(
      p.rounded(in: format)
        == Double(sign: .plus, exponent: quantum, significand: Double(nearest)), label)
  }

  @Test(arguments: FloatFormat.allCases)
  func `a constant lane has exactly 1 over n`(format: FloatFormat) {
    let oracle = SoftmaxOracle()
    for n in Array(1...130) + [255, 256, 257, 1000, 1023, 1024, 1025, 4097, 16383, 16384, 32769] {
      let reference = oracle.softmax(
        of: repeatElement(Float16(bitPattern: 0xC248), count: n), in: format)
      #expect(reference.count == n)
      #expect(reference.special == nil)
      #expect(reference.values.count == 1)
      #expect(reference.refinements == 0)
      checkReciprocal(reference.value(at: n - 1), UInt64(n), in: format)
    }
  }

  @Test(arguments: FloatFormat.allCases)
  func `reciprocals too small for float16 are exact too`(format: FloatFormat) {
    for n: UInt64 in [
      65_535, 65_536, 65_537, 128_256, (1 << 24) - 1, 1 << 24, (1 << 24) + 1, (1 << 25) - 1,
      1 << 25, (1 << 25) + 1, 3 << 24, 1 << 26, (1 << 31) - 1,
    ] {
      checkReciprocal(SoftmaxOracle.reciprocal(of: n, in: format), n, in: format)
    }
  }
}
