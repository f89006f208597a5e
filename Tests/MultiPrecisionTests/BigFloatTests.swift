import MultiPrecision
import TestSupport
import Testing

@Suite("BigFloat")
struct BigFloatTests {
  @Test func `the library at hand keeps its state per thread`() {
    #expect(BigFloat.isThreadSafe)
    #expect(BigFloat.libraryVersion.hasPrefix("4."))
  }

  @Test func `a new number is NaN and has the precision asked for`() {
    for precision in [1, 2, 53, 64, 65, 1000] {
      let number = BigFloat(precision: precision)
      #expect(Kind(number) == .nan)
      #expect(number.precision == precision)
    }
  }

  @Test func `binary64 numbers and 64-bit integers are taken over exactly`() {
    var generator = SplitMix64(seed: 0x11)
    for _ in 0..<2000 {
      let value = generator.finiteDouble()
      let number = BigFloat(value)
      #expect(number.double(.toNearestOrEven).bitPattern == value.bitPattern)
      let integer = generator.next()
      #expect(
        BigFloat(integer: integer).magnitude(inUnitsOfPowerOfTwo: 0, .towardZero) == integer)
    }
    #expect(Kind(BigFloat(-0.0)) == .zero(negative: true))
    #expect(BigFloat(integer: .max).magnitude(inUnitsOfPowerOfTwo: 0, .down) == .max)
    #expect(Kind(BigFloat(integer: 0)) == .zero(negative: false))
  }

  @Test func `a copy keeps the precision and the value`() {
    var original = BigFloat(precision: 200)
    original.setQuotient(BigFloat(-1), BigFloat(3), .toNearestOrEven)
    let copy = BigFloat(copying: original)
    #expect(copy.precision == 200)
    #expect(copy.compare(original) == 0)
    original.formNegation()
    #expect(Kind(copy) == .number(negative: true))
    #expect(Kind(original) == .number(negative: false))
  }

  @Test func `assigning rounds in the direction asked for`() {
    // 1 + 2^-9 lies between the 8-bit neighbours 1 and 1 + 2^-7.
    let cases: [(Double, BigFloat.Rounding, Double, Int)] = [
      (0x1.008p0, .down, 1, -1), (0x1.008p0, .up, 0x1.02p0, 1),
      (0x1.008p0, .toNearestOrEven, 1, -1), (0x1.008p0, .towardZero, 1, -1),
      (0x1.008p0, .awayFromZero, 0x1.02p0, 1),
      (-0x1.008p0, .down, -0x1.02p0, -1), (-0x1.008p0, .up, -1, 1),
      (-0x1.008p0, .toNearestOrEven, -1, 1), (-0x1.008p0, .towardZero, -1, 1),
      (-0x1.008p0, .awayFromZero, -0x1.02p0, -1),
      // Midpoints go to the even neighbour.
      (0x1.01p0, .toNearestOrEven, 1, -1), (0x1.03p0, .toNearestOrEven, 0x1.04p0, 1),
      (0x1.02p0, .down, 0x1.02p0, 0), (0x1.02p0, .up, 0x1.02p0, 0),
    ]
    for (value, rounding, expected, sign) in cases {
      var fromDouble = BigFloat(precision: 8)
      let ternary = fromDouble.assign(value, rounding)
      #expect(fromDouble.compare(expected) == 0, "\(value) \(rounding)")
      #expect(Int(ternary.signum()) == sign, "\(value) \(rounding)")
      var fromNumber = BigFloat(precision: 8)
      let ternaryOfNumber = fromNumber.assign(BigFloat(value), rounding)
      #expect(fromNumber.compare(expected) == 0, "\(value) \(rounding)")
      #expect(Int(ternaryOfNumber.signum()) == sign, "\(value) \(rounding)")
    }
  }

  @Test func `an integer times a power of two is stored with one rounding`() {
    var number = BigFloat(precision: 64)
    #expect(number.assign(5, timesPowerOfTwo: -3, .down) == 0)
    #expect(number.compare(0.625) == 0)
    #expect(number.assign(1, timesPowerOfTwo: -(1 << 29), .toNearestOrEven) == 0)
    #expect(number.exponent == -(1 << 29))
    var narrow = BigFloat(precision: 4)
    #expect(narrow.assign(0x1F, timesPowerOfTwo: 2, .down) < 0)
    #expect(narrow.compare(120) == 0)
    #expect(narrow.assign(0x1F, timesPowerOfTwo: 2, .up) > 0)
    #expect(narrow.compare(128) == 0)
  }
}

// MARK: - Directed rounding against exact integer arithmetic

extension BigFloatTests {
  /// What an operation on two integers gives in every direction at a small precision.
  private struct Roundings {
    var down: Double
    var up: Double
    var nearest: Double
    var towardZero: Double
    var awayFromZero: Double
    var ternaries: [Int]

    init(
      precision: Int, _ operation: (inout BigFloat, BigFloat.Rounding) -> Int32
    ) {
      var ternaries: [Int] = []
      func result(_ rounding: BigFloat.Rounding) -> Double {
        var number = BigFloat(precision: precision)
        ternaries.append(Int(operation(&number, rounding).signum()))
        return number.double(.toNearestOrEven)
      }
      down = result(.down)
      up = result(.up)
      nearest = result(.toNearestOrEven)
      towardZero = result(.towardZero)
      awayFromZero = result(.awayFromZero)
      self.ternaries = ternaries
    }

    /// Whether the five results bracket an exact value, given the sign of `exact - x` for any x.
    func bracket(precision: Int, signOfExactMinus: (Double) -> Int) -> Bool {
      let belowOrEqual = signOfExactMinus(down) >= 0
      let aboveOrEqual = signOfExactMinus(up) <= 0
      // Adjacent: equal when exact, otherwise one unit of the smaller binade apart.
      let isExact = signOfExactMinus(down) == 0
      let smaller = min(abs(down), abs(up))
      let unit =
        smaller == 0
        ? 0 : Double(sign: .plus, exponent: smaller.exponent - precision + 1, significand: 1)
      let adjacent = isExact ? down == up : up - down == unit
      let negative = down < 0
      let directions =
        towardZero == (negative ? up : down) && awayFromZero == (negative ? down : up)
      // The exact value lies on the side of the midpoint that the nearest neighbour is on.
      let side = signOfExactMinus(down + (up - down) / 2)
      let nearestIsRight =
        side > 0
        ? nearest == up
        : side < 0
          ? nearest == down
          : isExact
            || Int(abs(nearest) / unit).isMultiple(of: 2) && (nearest == up || nearest == down)
      let ternaryIsRight =
        ternaries
        == [down, up, nearest, towardZero, awayFromZero].map { -signOfExactMinus($0) }
      return belowOrEqual && aboveOrEqual && adjacent && directions && nearestIsRight
        && ternaryIsRight
    }
  }

  @Test(arguments: [3, 7, 11])
  func `sums, products and quotients round down, up and to nearest of the exact value`(
    precision: Int
  ) {
    var generator = SplitMix64(seed: UInt64(precision))
    for _ in 0..<1500 {
      let a = Int64.random(in: -5000...5000, using: &generator)
      let b = Int64.random(in: 1...5000, using: &generator)
      let x = BigFloat(Double(a))
      let y = BigFloat(Double(b))
      // Results and midpoints are multiples of 2^-36 here, and the values below 2^26.
      func sign(_ exactNumerator: Int64, over denominator: Int64, minus value: Double) -> Int {
        let scaled = Int128(value * 0x1p36)
        return Int(((Int128(exactNumerator) << 36) - scaled * Int128(denominator)).signum())
      }
      if a + b != 0 {
        let sums = Roundings(precision: precision) { $0.setSum(x, y, $1) }
        #expect(
          sums.bracket(precision: precision) { sign(a + b, over: 1, minus: $0) }, "\(a) + \(b)")
      }
      if a != b {
        let differences = Roundings(precision: precision) { $0.setDifference(x, y, $1) }
        #expect(
          differences.bracket(precision: precision) { sign(a - b, over: 1, minus: $0) },
          "\(a) - \(b)")
      }
      guard a != 0 else { continue }
      let products = Roundings(precision: precision) { $0.setProduct(x, y, $1) }
      #expect(
        products.bracket(precision: precision) { sign(a * b, over: 1, minus: $0) }, "\(a) * \(b)")
      let quotients = Roundings(precision: precision) { $0.setQuotient(x, y, $1) }
      #expect(
        quotients.bracket(precision: precision) { sign(a, over: b, minus: $0) }, "\(a) / \(b)")
    }
  }

  @Test func `operations in place agree with those into another number`() {
    var generator = SplitMix64(seed: 0x77)
    for rounding in [BigFloat.Rounding.toNearestOrEven, .down, .up, .towardZero, .awayFromZero] {
      for _ in 0..<200 {
        let a = generator.finiteDouble()
        let b = generator.finiteDouble()
        let factor = generator.next()
        let x = BigFloat(a)
        let y = BigFloat(b)
        let wideFactor = BigFloat(integer: factor)
        func agree(
          _ place: (inout BigFloat) -> Int32, _ separate: (inout BigFloat) -> Int32
        ) -> Bool {
          var changed = BigFloat(a)
          var result = BigFloat(precision: 53)
          let first = place(&changed).signum()
          let second = separate(&result).signum()
          return changed.compare(result) == 0 && first == second && !result.isNaN
        }
        #expect(agree({ $0.formSum(y, rounding) }, { $0.setSum(x, y, rounding) }))
        #expect(agree({ $0.formDifference(y, rounding) }, { $0.setDifference(x, y, rounding) }))
        #expect(agree({ $0.formProduct(y, rounding) }, { $0.setProduct(x, y, rounding) }))
        #expect(agree({ $0.formQuotient(y, rounding) }, { $0.setQuotient(x, y, rounding) }))
        #expect(
          agree({ $0.formProduct(factor, rounding) }, { $0.setProduct(x, wideFactor, rounding) }))
      }
    }
  }

  @Test func `the ternary sign tells on which side of the exact result the stored number lies`() {
    var third = BigFloat(precision: 100)
    #expect(third.setQuotient(BigFloat(1), BigFloat(3), .down) < 0)
    #expect(third.setQuotient(BigFloat(1), BigFloat(3), .up) > 0)
    #expect(third.setQuotient(BigFloat(-1), BigFloat(3), .down) < 0)
    #expect(third.setQuotient(BigFloat(-1), BigFloat(3), .towardZero) > 0)
    #expect(third.setQuotient(BigFloat(3), BigFloat(4), .up) == 0)
    var e = BigFloat(precision: 100)
    #expect(e.setExponential(BigFloat(1), .down) < 0)
    #expect(e.setExponential(BigFloat(1), .up) > 0)
    #expect(e.setExponential(BigFloat(0), .up) == 0)
    #expect(e.setExponentialTwo(BigFloat(-30), .down) == 0)
    #expect(e.compare(0x1p-30) == 0)
    #expect(e.setLogarithm(BigFloat(1), .down) == 0)
    #expect(Kind(e) == .zero(negative: false))
    #expect(e.setLogarithm(BigFloat(2), .down) < 0)
    #expect(e.setLogarithmOnePlus(BigFloat(0x1p-300), .up) > 0)
    #expect(e.compare(0x1p-300) == 0)
    #expect(e.setLogarithmOnePlus(BigFloat(0x1p-300), .down) < 0)
    #expect(e.compare(0x1p-300) < 0)
  }
}

// MARK: - Comparison, classes, conversion

extension BigFloatTests {
  @Test func `comparison orders numbers and answers zero for NaN`() {
    let values = [-Double.infinity, -2.5, -0x1p-1074, 0, 0x1p-1074, 1, .infinity]
    for (i, a) in values.enumerated() {
      for (j, b) in values.enumerated() {
        #expect(BigFloat(a).compare(BigFloat(b)).signum() == (i - j).signum())
        #expect(BigFloat(a).compare(b).signum() == (i - j).signum())
      }
    }
    #expect(BigFloat(-0.0).compare(BigFloat(0.0)) == 0)
    #expect(BigFloat(Double.nan).compare(1) == 0)
    #expect(BigFloat(1).compare(BigFloat(Double.nan)) == 0)
  }

  @Test func `classes are told apart`() {
    let zero = BigFloat(-0.0)
    #expect(
      [zero.isZero, zero.isFinite, zero.isInfinite, zero.isNaN] == [true, true, false, false])
    let one = BigFloat(1)
    #expect([one.isZero, one.isFinite, one.isInfinite, one.isNaN] == [false, true, false, false])
    let infinite = BigFloat(-Double.infinity)
    #expect(
      [infinite.isZero, infinite.isFinite, infinite.isInfinite, infinite.isNaN]
        == [false, false, true, false])
    let nan = BigFloat(Double.nan)
    #expect([nan.isZero, nan.isFinite, nan.isInfinite, nan.isNaN] == [false, false, false, true])
    #expect([zero.isNegative, one.isNegative, infinite.isNegative] == [true, false, true])
  }

  @Test func `the exponent is that of the leading bit`() {
    #expect(BigFloat(1).exponent == 0)
    #expect(BigFloat(-1.75).exponent == 0)
    #expect(BigFloat(2).exponent == 1)
    #expect(BigFloat(0x1.fffffffffffffp-1).exponent == -1)
    #expect(BigFloat(0x1p-1074).exponent == -1074)
    #expect(BigFloat(-0x1.8p1023).exponent == 1023)
  }

  @Test func `absolute value and negation touch the sign alone`() {
    for value in [1.5, -1.5, 0, -0.0, .infinity, -.infinity] {
      var number = BigFloat(value)
      number.formNegation()
      #expect(number.double(.down).bitPattern == (-value).bitPattern)
      number.formAbsoluteValue()
      #expect(number.double(.down).bitPattern == abs(value).bitPattern)
    }
  }

  @Test func `multiplying by a power of two is exact far beyond the range of binary64`() {
    var number = BigFloat(-0x1.23456789abcdep3)
    number.formProduct(withPowerOfTwo: -(1 << 28))
    #expect(number.exponent == 3 - (1 << 28))
    number.formProduct(withPowerOfTwo: 1 << 28)
    #expect(number.compare(-0x1.23456789abcdep3) == 0)
  }

  @Test func `conversion to binary64 rounds once, subnormals and overflow included`() {
    var number = BigFloat(precision: 200)
    // 2^-1075 is half of the least subnormal: a tie that goes to zero.
    number.assign(1, timesPowerOfTwo: -1075, .down)
    #expect(number.double(.toNearestOrEven) == 0)
    #expect(number.double(.up) == 0x1p-1074)
    #expect(number.double(.down) == 0)
    number.formSum(BigFloat(0x1p-1074), .down)
    #expect(number.double(.toNearestOrEven) == 0x1p-1073)
    #expect(number.double(.down) == 0x1p-1074)
    number.assign(1, timesPowerOfTwo: 1024, .down)
    #expect(number.double(.toNearestOrEven) == .infinity)
    #expect(number.double(.down) == .greatestFiniteMagnitude)
    number.formNegation()
    #expect(number.double(.up) == -.greatestFiniteMagnitude)
    #expect(number.double(.down) == -.infinity)
    // A tie of the normal range that a single bit 150 places below breaks.
    number.setSum(BigFloat(0x1.0000000000001p0), BigFloat(0x1p-53), .down)
    #expect(number.double(.toNearestOrEven) == 0x1.0000000000002p0)
    number.formDifference(BigFloat(0x1p-150), .down)
    #expect(number.double(.toNearestOrEven) == 0x1.0000000000001p0)
  }

  @Test func `the magnitude in units of a power of two is rounded as asked`() {
    let cases: [(Double, Int, BigFloat.Rounding, UInt64)] = [
      (2.5, 0, .toNearestOrEven, 2), (3.5, 0, .toNearestOrEven, 4), (2.5, 0, .up, 3),
      (2.5, 0, .down, 2), (2.5, 0, .towardZero, 2), (2.5, 0, .awayFromZero, 3),
      (-2.5, 0, .down, 2), (-2.5, 0, .towardZero, 2), (-2.5, 0, .awayFromZero, 3),
      (-2.75, 0, .toNearestOrEven, 3),
      (0x1p-1074, -1074, .toNearestOrEven, 1), (0x1p-1074, -1073, .toNearestOrEven, 0),
      (3 * 0x1p-1074, -1073, .toNearestOrEven, 2), (0x1p-1074, 0, .awayFromZero, 1),
      (0x1p63, 0, .down, 1 << 63), (0x1p1000, 937, .down, 1 << 63), (0, 5, .awayFromZero, 0),
    ]
    for (value, exponent, rounding, expected) in cases {
      let number = BigFloat(value)
      #expect(
        number.magnitude(inUnitsOfPowerOfTwo: exponent, rounding) == expected,
        "\(value) in 2^\(exponent), \(rounding)")
      // The number itself is left alone.
      #expect(number.compare(value) == 0)
    }
    #expect(BigFloat(integer: .max).magnitude(inUnitsOfPowerOfTwo: 0, .toNearestOrEven) == .max)
  }

  @Test func `the fixed-point floor agrees with division of integers`() {
    var generator = SplitMix64(seed: 0xF1)
    for _ in 0..<3000 {
      // A quotient of integers, rounded down to w bits: what is floored below is that number, made
      // from integers alone.
      let precision = Int.random(in: 1...126, using: &generator)
      let numerator = (generator.next() >> UInt64.random(in: 0...62, using: &generator)) | 1
      let bits = 64 - numerator.leadingZeroBitCount
      let kept = min(precision, bits)
      let cut = (numerator >> UInt64(bits - kept)) << UInt64(bits - kept)
      let shift = Int.random(in: -200...200, using: &generator)
      var number = BigFloat(precision: precision)
      number.assign(numerator, timesPowerOfTwo: shift, .down)
      if generator.next() & 1 == 1 { number.formNegation() }
      let unit = Int.random(in: (shift - 128 + bits)...(shift + 80), using: &generator)
      let expected: UInt128 =
        unit <= shift
        ? UInt128(cut) << UInt128(shift - unit) : UInt128(cut) >> UInt128(unit - shift)
      #expect(
        number.magnitudeFloor(inUnitsOfPowerOfTwo: unit) == expected,
        "\(cut) * 2^\(shift) in 2^\(unit) at \(precision) bits")
    }
  }

  @Test func `the fixed-point floor of a long quotient agrees with division of integers`() {
    var generator = SplitMix64(seed: 0xF2)
    for precision in [53, 64, 80, 112, 128, 129, 192, 256, 448] {
      for _ in 0..<200 {
        let a = generator.next() >> 32 | 1
        let b = generator.next() >> 32 | 1
        var quotient = BigFloat(precision: precision)
        quotient.setQuotient(BigFloat(integer: a), BigFloat(integer: b), .towardZero)
        // floor(a 2^k / b), which the cut to w bits leaves alone while the result has fewer bits.
        let k = min(precision - 34, 95)
        let expected = (UInt128(a) << UInt128(k)) / UInt128(b)
        #expect(quotient.magnitudeFloor(inUnitsOfPowerOfTwo: -k) == expected, "\(a) / \(b)")
      }
    }
  }

  @Test func `the fixed-point floor of the largest and least values`() {
    #expect(BigFloat(0).magnitudeFloor(inUnitsOfPowerOfTwo: 0) == 0)
    #expect(BigFloat(0x1p127).magnitudeFloor(inUnitsOfPowerOfTwo: 0) == 1 << 127)
    #expect(BigFloat(1).magnitudeFloor(inUnitsOfPowerOfTwo: -127) == 1 << 127)
    #expect(BigFloat(1).magnitudeFloor(inUnitsOfPowerOfTwo: 0) == 1)
    #expect(BigFloat(0.75).magnitudeFloor(inUnitsOfPowerOfTwo: 0) == 0)
    #expect(BigFloat(0x1p-1074).magnitudeFloor(inUnitsOfPowerOfTwo: 1000) == 0)
    var ones = BigFloat(precision: 128)
    ones.setDifference(BigFloat(0x1p128), BigFloat(1), .down)
    #expect(ones.magnitudeFloor(inUnitsOfPowerOfTwo: 0) == .max)
    #expect(ones.magnitudeFloor(inUnitsOfPowerOfTwo: 64) == UInt128(UInt64.max))
  }
}
