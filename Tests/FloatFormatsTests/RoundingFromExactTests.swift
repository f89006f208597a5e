import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@Suite("Rounding to a format")
struct RoundingFromExactTests {
  /// Rounds a number in every direction and, where binary64 holds it, from binary64 too.
  private func check<F: BinaryFloat>(
    _ number: ReferenceNumber, _ type: F.Type, _ complaints: inout Complaints
  ) {
    for isNegative in [false, true] {
      var signed = number
      signed.isNegative = isNegative
      let big = signed.big()
      for direction in allRoundings {
        let expected = signed.rounded(to: F.format, direction)
        let value = F(rounding: big, direction)
        complaints.check(
          UInt64(value.bitPattern) == expected,
          "\(F.format) \(direction) of \(big.hexText): \(value.patternText)")
      }
      let double = big.double(.toNearestOrEven)
      if big.compare(double) == 0, double.isFinite {
        let value = F(rounding: double)
        complaints.check(
          UInt64(value.bitPattern) == signed.rounded(to: F.format, .toNearestOrEven),
          "\(F.format) from binary64 \(big.hexText): \(value.patternText)")
      }
    }
  }

  /// A float, its upper midpoint, and numbers a little to both sides of the two.
  private func checkAround<F: BinaryFloat>(_ value: F, _ complaints: inout Complaints) {
    let (significand, exponent) = value.decomposed
    let float = UInt128(significand)
    // Near, at the end of binary64, and far beyond it.
    for bits in [2, 52 - F.format.precision, 60] where bits >= 2 {
      let scaled = float << UInt128(bits)
      let half = UInt128(1) << UInt128(bits - 1)
      for centre in [scaled, scaled + half] {
        for numerator in [centre - min(centre, 1), centre, centre + 1] {
          check(
            ReferenceNumber(significand: numerator, exponent: exponent - bits), F.self, &complaints)
        }
        guard centre > 0 else { continue }
        check(
          ReferenceNumber(significand: centre, exponent: exponent - bits, sticky: true), F.self,
          &complaints)
        check(
          ReferenceNumber(significand: centre - 1, exponent: exponent - bits, sticky: true),
          F.self, &complaints)
      }
    }
  }

  private func checkHardCases<F: BinaryFloat>(_ type: F.Type) {
    var complaints = Complaints()
    let edges = [
      F.zero, F.leastSubnormal, F.leastSubnormal.nextUp, F.leastNormal.nextDown,
      F.leastNormal.nextDown.nextDown, F.leastNormal, F.leastNormal.nextUp, F.one.nextDown, F.one,
      F.one.nextUp, F.greatestFinite.nextDown, F.greatestFinite,
    ]
    for value in edges { checkAround(value, &complaints) }
    var generator = SplitMix64(seed: UInt64(F.format.precision))
    for _ in 0..<60 { checkAround(F.randomFinite(using: &generator), &complaints) }
    // Subnormals, which uniform patterns of the wide formats hardly ever hit.
    for _ in 0..<30 {
      let bits = F.BitPattern(truncatingIfNeeded: generator.next()) % F.leastNormal.bitPattern
      checkAround(F(bitPattern: bits), &complaints)
    }
    complaints.expectNone()
  }

  @Test func `floats, midpoints and their surroundings round as integer arithmetic says`() {
    checkHardCases(Float16.self)
    checkHardCases(BFloat16.self)
    checkHardCases(Float.self)
    checkHardCases(Double.self)
  }

  private func checkRandomDoubles<F: BinaryFloat>(_ type: F.Type) {
    var complaints = Complaints()
    var generator = SplitMix64(seed: 0xD0 + UInt64(F.format.precision))
    let format = F.format
    for k in 0..<8000 {
      var double = Double.randomFinite(using: &generator)
      if k > 100 {
        // Exponents a little beyond those of the format.
        let exponent = Int.random(
          in: (format.quantumExponent - 3)...(format.maximumExponent + 2), using: &generator)
        double = Double(sign: double.sign, exponent: exponent, significand: double.significand)
      }
      guard double.isFinite else { continue }
      let expected = ReferenceNumber(double).rounded(to: format, .toNearestOrEven)
      let direct = F(rounding: double)
      let throughBig = F(rounding: BigFloat(double))
      complaints.check(UInt64(direct.bitPattern) == expected, "\(format) of \(double.hexText)")
      complaints.check(
        UInt64(throughBig.bitPattern) == expected, "\(format) of exact \(double.hexText)")
    }
    complaints.expectNone()
  }

  @Test func `random binary64 numbers round as integer arithmetic says`() {
    checkRandomDoubles(Float16.self)
    checkRandomDoubles(BFloat16.self)
    checkRandomDoubles(Float.self)
    checkRandomDoubles(Double.self)
  }

  private func checkSpecials<F: BinaryFloat>(_ type: F.Type) {
    for direction in allRoundings {
      #expect(F(rounding: BigFloat(Double.nan), direction).isNaN)
      #expect(F(rounding: BigFloat(Double.infinity), direction) == F.infinity)
      #expect(F(rounding: BigFloat(-Double.infinity), direction) == -F.infinity)
      #expect(F(rounding: BigFloat(0.0), direction).bitPattern == F.zero.bitPattern)
      #expect(F(rounding: BigFloat(-0.0), direction).bitPattern == (-F.zero).bitPattern)
    }
    #expect(F(rounding: Double.nan).isNaN)
    #expect(F(rounding: Double.infinity) == F.infinity)
    #expect(F(rounding: -Double.infinity) == -F.infinity)
    #expect(F(rounding: -0.0).bitPattern == (-F.zero).bitPattern)
    // Magnitudes that no binary64 number has.
    for exponent in [1 << 29, -(1 << 29)] {
      var number = BigFloat(precision: 64)
      number.assign(3, timesPowerOfTwo: exponent, .toNearestOrEven)
      number.formNegation()
      let isHuge = exponent > 0
      #expect(F(rounding: number) == (isHuge ? -F.infinity : F.zero))
      #expect(F(rounding: number).isNegative)
      #expect(F(rounding: number, .down) == (isHuge ? -F.infinity : -F.leastSubnormal))
      #expect(F(rounding: number, .up) == (isHuge ? -F.greatestFinite : F.zero))
      #expect(F(rounding: number, .up).isNegative)
    }
  }

  @Test func `NaN, infinities, zeros and far numbers go where they belong`() {
    checkSpecials(Float16.self)
    checkSpecials(BFloat16.self)
    checkSpecials(Float.self)
    checkSpecials(Double.self)
  }

  @Test func `a value of a format is taken over exactly`() {
    #expect(BigFloat(exactly: BFloat16.leastSubnormal).compare(0x1p-133) == 0)
    #expect(BigFloat(exactly: Float16.greatestFinite).compare(65504) == 0)
    #expect(BigFloat(exactly: Float(0.1)).compare(0x1.99999ap-4) == 0)
    #expect(BigFloat(exactly: Double.leastSubnormal).compare(0x1p-1074) == 0)
  }
}
