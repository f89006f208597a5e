import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@Suite("BinaryFloat: classes, order, neighbours, ulp")
struct BinaryFloatTests {
  // MARK: Every value of the 16-bit formats

  private func checkMeaning<F: BinaryFloat>(_ type: F.Type) where F.BitPattern == UInt16 {
    var complaints = Complaints()
    for pattern in UInt16.min...UInt16.max {
      let value = F(bitPattern: pattern)
      complaints.check(value.bitPattern == pattern, value.patternText)
      let expected = meaning(of: UInt64(pattern), in: F.format)
      complaints.check(value.isFinite == (expected != nil), value.patternText)
      complaints.check(value.isNegative == (pattern >= 0x8000), value.patternText)
      guard let expected else {
        complaints.check(value.isNaN != value.isInfinite, value.patternText)
        complaints.check(value.isNaN == value.exactDouble.isNaN, value.patternText)
        continue
      }
      complaints.check(value.exactDouble.bitPattern == expected.bitPattern, value.patternText)
      let (significand, exponent) = value.decomposed
      complaints.check(
        Double(sign: .plus, exponent: exponent, significand: Double(significand)) == abs(expected)
          && significand < 1 << UInt64(F.format.precision)
          && exponent >= F.format.quantumExponent,
        "decomposed \(value.patternText)")
      complaints.check(value.isZero == (expected == 0), value.patternText)
      complaints.check(
        value.isSubnormal == (expected != 0 && abs(expected) < F.format.leastNormal),
        value.patternText)
      complaints.check(F(rounding: expected).bitPattern == pattern, "rounding \(expected)")
    }
    complaints.expectNone()
  }

  @Test func `every bit pattern of float16 means what IEEE 754 says`() {
    checkMeaning(Float16.self)
  }

  @Test func `every bit pattern of bfloat16 means what IEEE 754 says`() {
    checkMeaning(BFloat16.self)
  }

  private func checkOrder<F: BinaryFloat>(_ type: F.Type) where F.BitPattern == UInt16 {
    var complaints = Complaints()
    let all = (UInt16.min...UInt16.max).map { F(bitPattern: $0) }
    var seen = Set<Int64>()
    for value in all {
      complaints.check(
        seen.insert(value.orderedIndex).inserted, "place taken: \(value.patternText)")
      complaints.check(
        F(orderedIndex: value.orderedIndex).bitPattern == value.bitPattern, value.patternText)
    }
    complaints.check(
      seen.min() == -0x8000 && seen.max() == 0x7FFF, "the places are not 2^16 in a row")
    // Sorted by place, the numbers ascend strictly, but for the step from -0 to +0; NaNs stand
    // outside.
    let sorted = all.sorted { $0.orderedIndex < $1.orderedIndex }
    let numbers = sorted.drop { $0.isNaN }.prefix { !$0.isNaN }.map { $0.exactDouble }
    complaints.check(numbers.first == -.infinity && numbers.last == .infinity, "ends")
    complaints.check(numbers.count + all.count(where: \.isNaN) == all.count, "NaNs inside")
    for (a, b) in zip(numbers, numbers.dropFirst()) {
      complaints.check(a < b || (a == 0 && b == 0 && a.sign == .minus), "\(a) before \(b)")
    }
    complaints.expectNone()
  }

  @Test func `the ordered index of float16 ascends with the value and is a bijection`() {
    checkOrder(Float16.self)
  }

  @Test func `the ordered index of bfloat16 ascends with the value and is a bijection`() {
    checkOrder(BFloat16.self)
  }

  private func checkNeighbours<F: BinaryFloat>(_ type: F.Type) where F.BitPattern == UInt16 {
    var complaints = Complaints()
    // The numbers in order, by what the encodings mean, both zeros as one.
    var numbers = (0...0xFFFF).compactMap { meaning(of: $0, in: F.format) }
    numbers.append(contentsOf: [.infinity, -.infinity])
    numbers.sort()
    var distinct: [Double] = []
    for number in numbers where distinct.last != number { distinct.append(number) }
    for (below, above) in zip(distinct, distinct.dropFirst()) {
      let low = F(rounding: below)
      let high = F(rounding: above)
      complaints.check(low.nextUp.exactDouble == above, "above \(below)")
      complaints.check(high.nextDown.exactDouble == below, "below \(above)")
      // The unit in the last place is the distance to the next float away from zero.
      if below >= 0, above.isFinite {
        complaints.check(low.ulp == above - below, "ulp of \(below)")
        complaints.check((-low).ulp == above - below, "ulp of \(-below)")
      }
    }
    complaints.expectNone()
  }

  @Test func `nextUp and nextDown of float16 are the neighbours, and ulp is their distance`() {
    checkNeighbours(Float16.self)
  }

  @Test func `nextUp and nextDown of bfloat16 are the neighbours, and ulp is their distance`() {
    checkNeighbours(BFloat16.self)
  }

  private func checkEnds<F: BinaryFloat>(_ type: F.Type) {
    let format = F.format
    #expect(F.greatestFinite.exactDouble == format.greatestFinite)
    #expect(F.leastSubnormal.exactDouble == format.leastSubnormal)
    #expect(F.leastNormal.exactDouble == format.leastNormal)
    #expect(F.zero.exactDouble.bitPattern == 0)
    #expect(F.one.exactDouble == 1)
    #expect(F.infinity.exactDouble == .infinity)
    #expect(F.nan.exactDouble.isNaN)
    #expect(F.greatestFinite.nextUp == F.infinity)
    #expect(F.infinity.nextUp == F.infinity)
    #expect(F.infinity.nextDown == F.greatestFinite)
    #expect((-F.infinity).nextDown == -F.infinity)
    #expect(F.nan.nextUp.isNaN && F.nan.nextDown.isNaN)
    #expect((-F.zero).nextUp.bitPattern == F.leastSubnormal.bitPattern)
    #expect(F.zero.nextDown.bitPattern == (-F.leastSubnormal).bitPattern)
    // IEEE 754-2019, section 5.3.1: the step from the least negative number is to -0.
    #expect((-F.leastSubnormal).nextUp.bitPattern == (-F.zero).bitPattern)
    #expect(F.leastSubnormal.nextDown.bitPattern == F.zero.bitPattern)
    #expect(F.leastNormal.nextDown.isSubnormal && !F.leastNormal.isSubnormal)
    #expect(F.zero.ulp == format.leastSubnormal)
    #expect(F.leastSubnormal.ulp == format.leastSubnormal)
    #expect(F.one.ulp == 2 * format.unitRoundoff)
    #expect(F.one.nextDown.ulp == format.unitRoundoff)
    #expect(F.infinity.ulp.isNaN && F.nan.ulp.isNaN)
    let step = format.greatestFinite - F.greatestFinite.nextDown.exactDouble
    #expect(F.greatestFinite.ulp == step)
    #expect((-F.zero).orderedIndex == -1)
    #expect(F.zero.orderedIndex == 0)
  }

  @Test func `the ends of each format are where they belong`() {
    checkEnds(Float16.self)
    checkEnds(BFloat16.self)
    checkEnds(Float.self)
    checkEnds(Double.self)
  }

  @Test func `the class of a float16 is that of the standard library`() {
    let names: [FloatingPointClassification: FloatClass] = [
      .negativeInfinity: .negativeInfinity, .negativeNormal: .negativeNormal,
      .negativeSubnormal: .negativeSubnormal, .negativeZero: .negativeZero,
      .positiveZero: .positiveZero, .positiveSubnormal: .positiveSubnormal,
      .positiveNormal: .positiveNormal, .positiveInfinity: .positiveInfinity,
      .quietNaN: .nan, .signalingNaN: .nan,
    ]
    var complaints = Complaints()
    for pattern in UInt16.min...UInt16.max {
      let value = Float16(bitPattern: pattern)
      complaints.check(names[value.floatingPointClass] == value.floatClass, value.patternText)
    }
    complaints.expectNone()
  }

  @Test func `the class of a bfloat16 is that of the binary32 number with its bits`() {
    var complaints = Complaints()
    for pattern in UInt16.min...UInt16.max {
      let value = BFloat16(bitPattern: pattern)
      let wide = Float(bitPattern: UInt32(pattern) << 16)
      complaints.check(value.floatClass == wide.floatClass, value.patternText)
    }
    complaints.expectNone()
  }

  // MARK: Random values of the wide formats

  private func checkRandom<F: BinaryFloat>(
    _ type: F.Type, _ up: (F) -> F, _ ulp: (F) -> Double, _ isLess: (F, F) -> Bool
  ) {
    var generator = SplitMix64(seed: 0x0B)
    var complaints = Complaints()
    for _ in 0..<20_000 {
      let value = F.randomFinite(using: &generator)
      let other = F.randomFinite(using: &generator)
      complaints.check(value.nextUp.isSame(as: up(value)), "nextUp \(value.patternText)")
      complaints.check(value.nextDown.isSame(as: -up(-value)), "nextDown \(value.patternText)")
      complaints.check(value.ulp == ulp(value), "ulp \(value.patternText)")
      complaints.check(
        (value.orderedIndex < other.orderedIndex) == isLess(value, other),
        "\(value.patternText) and \(other.patternText)")
      complaints.check(
        F(orderedIndex: value.orderedIndex).bitPattern == value.bitPattern, value.patternText)
      let (significand, exponent) = value.decomposed
      complaints.check(
        Double(sign: .plus, exponent: exponent, significand: Double(significand))
          == abs(value.exactDouble), "decomposed \(value.patternText)")
    }
    complaints.expectNone()
  }

  @Test func `float32 and float64 agree with the standard library about order and neighbours`() {
    checkRandom(Float.self, { $0.nextUp }, { Double(max($0.ulp as Float, 0x1p-149)) }, { $0 < $1 })
    checkRandom(Double.self, { $0.nextUp }, { $0.ulp as Double }, { $0 < $1 })
  }

  @Test func `a binary64 number is rounded once to a 16-bit format, however near a midpoint`() {
    var complaints = Complaints()
    func check<F: BinaryFloat>(_ value: Double, _ type: F.Type) {
      for signed in [value, -value] {
        let expected = ReferenceNumber(signed).rounded(to: F.format, .toNearestOrEven)
        complaints.check(
          UInt64(F(rounding: signed).bitPattern) == expected, "\(F.format): \(signed.hexText)")
      }
    }
    func checkAll<F: BinaryFloat>(_ type: F.Type) where F.BitPattern == UInt16 {
      for pattern in 0..<F.infinity.bitPattern {
        let number = F(bitPattern: pattern)
        let midpoint = number.exactDouble + number.ulp / 2
        check(midpoint, type)
        // Next to it in binary64, and by less than binary32 can hold.
        for hair in [0x1p-52, 0x1p-40, 0x1p-24] {
          check(midpoint * (1 + hair), type)
          check(midpoint * (1 - hair), type)
        }
      }
      var generator = SplitMix64(seed: 0x16)
      for _ in 0..<30_000 { check(abs(Double.randomFinite(using: &generator)), type) }
      check(0x1p-1074, type)
      #expect(F(rounding: Double.infinity) == F.infinity)
      #expect(F(rounding: Double.nan).isNaN)
    }
    checkAll(Float16.self)
    checkAll(BFloat16.self)
    complaints.expectNone()
  }

  @Test func `conversion between formats rounds once`() {
    var generator = SplitMix64(seed: 0x0C)
    for _ in 0..<5000 {
      let wide = Float.random(using: &generator)
      #expect(Float16(rounding: wide).isSame(as: Float16(wide)))
      #expect(Double(rounding: wide).isSame(as: Double(wide)))
    }
    // Via binary32 the first of these would fall onto a midpoint of bfloat16 and then down.
    #expect(BFloat16(rounding: 1 + 0x1p-8 + 0x1p-40).bitPattern == 0x3F81)
    #expect(BFloat16(rounding: 1 + 0x1p-8).bitPattern == 0x3F80)
    #expect(BFloat16(rounding: 1 + 0x1p-8 - 0x1p-40).bitPattern == 0x3F80)
  }
}
