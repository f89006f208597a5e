import FloatFormats
import MultiPrecision
import TestSupport
import Testing

/// The truth is ml_dtypes' word, see ``Float8Vectors``, and exact arithmetic.
@Suite("Float8")
struct Float8Tests {
  private let vectors: [FloatFormat: Float8Vectors]

  init() throws { vectors = try Float8Vectors.load() }

  /// Calls a function with the type of each format, and its vectors.
  private func forEachFormat(
    _ body: (any BinaryFloat.Type, Float8Vectors, inout Complaints) throws -> Void
  ) throws {
    for format in FloatFormat.float8 {
      var complaints = Complaints()
      let own = try #require(vectors[format])
      #expect(own.values.count == 256)
      try body(format.type, own, &complaints)
      complaints.expectNone()
    }
  }

  @Test func `every encoding is the number it is to ml_dtypes`() throws {
    func check<F: BinaryFloat>(
      _ type: F.Type, _ vectors: Float8Vectors, _ complaints: inout Complaints
    ) {
      for value in vectors.values {
        let own = F(bitPattern: F.BitPattern(value.encoding))
        let isSame =
          value.number.isNaN
          ? own.isNaN && own.exactDouble.isNaN
          : own.exactDouble == value.number && own.exactDouble.sign == value.number.sign
        complaints.check(isSame, "\(F.format) \(own.patternText) is \(own.exactDouble)")
        complaints.check(
          own.isNaN == value.number.isNaN && own.isInfinite == value.number.isInfinite
            && own.isFinite == value.number.isFinite && own.isZero == (value.number == 0),
          "class of \(F.format) \(own.patternText)")
        // A NaN has all its bits in binary64, a number its value.
        complaints.check(
          own.isNaN
            ? Double(bitPattern: own.binary64Encoding).isNaN
            : Double(bitPattern: own.binary64Encoding) == value.number,
          "in binary64 \(F.format) \(own.patternText)")
      }
      let numbers = vectors.values.map(\.number).filter(\.isFinite)
      complaints.check(F.greatestFinite.exactDouble == numbers.max(), "largest of \(F.format)")
      complaints.check(F.format.greatestFinite == numbers.max(), "largest of \(F.format)")
      let least = numbers.filter { $0 > 0 }.min()
      complaints.check(F.leastSubnormal.exactDouble == least, "least of \(F.format)")
      complaints.check(F.format.leastSubnormal == least, "least of \(F.format)")
      complaints.check(F.one.exactDouble == 1, "one of \(F.format)")
      complaints.check(F.nan.isNaN, "NaN of \(F.format)")
      complaints.check(F.infinity.isInfinite == F.format.hasInfinities, "inf of \(F.format)")
      // The binade above 1 has 2^(P-1) numbers, 2 u apart each.
      let binade = numbers.filter { $0 >= 1 && $0 < 2 }
      complaints.check(
        binade.count == 1 << (F.format.precision - 1)
          && binade.sorted()[1] - 1 == 2 * F.format.unitRoundoff, "precision of \(F.format)")
    }
    try forEachFormat { check($0, $1, &$2) }
  }

  @Test func `neighbours, places and units in the last place are those of the numbers`() throws {
    func check<F: BinaryFloat>(
      _ type: F.Type, _ vectors: Float8Vectors, _ complaints: inout Complaints
    ) {
      for value in vectors.values {
        let own = F(bitPattern: F.BitPattern(value.encoding))
        complaints.check(
          F(orderedIndex: own.orderedIndex).bitPattern == own.bitPattern,
          "place of \(F.format) \(own.patternText)")
        guard !value.nextUp.isNaN else { continue }
        let next = own.nextUp
        complaints.check(next.exactDouble == value.nextUp, "above \(F.format) \(own.hexText)")
        complaints.check(
          next.nextDown.exactDouble == value.number, "below \(F.format) \(next.hexText)")
        let places = next.orderedIndex - own.orderedIndex
        // Both zeros have places.
        let isBesideZeros = F.format.specialValues != .nanForNegativeZero && next.isZero
        complaints.check(
          places == (isBesideZeros || (own.isZero && own.isNegative) ? 2 : 1)
            || (isBesideZeros && places == 1), "places of \(F.format) \(own.hexText)")
        if value.number >= 0 {
          complaints.check(
            own.ulp == value.nextUp - value.number, "ulp of \(F.format) \(own.hexText)")
        }
      }
    }
    try forEachFormat { check($0, $1, &$2) }
  }

  @Test func `a number rounds to the encoding that ml_dtypes gives it`() throws {
    func check<F: BinaryFloat>(
      _ type: F.Type, _ vectors: Float8Vectors, _ complaints: inout Complaints
    ) {
      let numbers = vectors.values.map(\.number).filter(\.isFinite)
      for rounded in vectors.rounded {
        let expected = F(bitPattern: F.BitPattern(rounded.encoding))
        let text = "\(F.format) \(rounded.number.hexText)"
        let exact = BigFloat(rounded.number)
        for own in [
          F(rounding: rounded.number), F(rounding: exact), F(text: rounded.number.hexText) ?? .one,
        ] {
          complaints.check(own.isSame(as: expected), "\(text) is \(own.hexText)")
        }
        // Directed, by the list of numbers.
        let below = numbers.filter { $0 <= rounded.number }.max()
        let above = numbers.filter { $0 >= rounded.number }.min()
        let (down, up) = (F(rounding: exact, .down), F(rounding: exact, .up))
        complaints.check(
          below.map { down.exactDouble == $0 } ?? !down.isFinite, "\(text) down is \(down)")
        complaints.check(
          above.map { up.exactDouble == $0 } ?? !up.isFinite, "\(text) up is \(up)")
        let inward = F(rounding: exact, .towardZero).exactDouble
        let expectedInward =
          rounded.number < 0 ? above ?? -F.format.greatestFinite : below ?? F.format.greatestFinite
        complaints.check(inward == expectedInward, "\(text) toward zero is \(inward)")
        // What overflows is saturated where a finite number is asked for.
        let finite = F.format.finite(rounded.number)
        complaints.check(
          expected.isFinite
            ? finite == expected.exactDouble
            : finite.magnitude == F.format.greatestFinite
              && (finite < 0) == (rounded.number < 0), "\(text) is finite as \(finite)")
      }
      complaints.check(F(rounding: Double.nan).isNaN, "NaN of \(F.format)")
      let infinite = F(rounding: -Double.infinity)
      complaints.check(
        F.format.hasInfinities ? infinite.exactDouble == -.infinity : infinite.isNaN,
        "-inf of \(F.format)")
    }
    try forEachFormat { check($0, $1, &$2) }
  }

  @Test func `all sums, differences, products and quotients are those of ml_dtypes`() throws {
    func check<F: BinaryFloat>(
      _ type: F.Type, _ vectors: Float8Vectors, _ complaints: inout Complaints
    ) {
      let numbers = (0...UInt8.max).map { F(bitPattern: F.BitPattern($0)) }
      complaints.check(vectors.checksums.count == 4, "four operations of \(F.format)")
      for checksum in vectors.checksums {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        for a in numbers {
          for b in numbers {
            let result =
              switch checksum.operation {
              case "add": a + b
              case "subtract": a - b
              case "multiply": a * b
              default: a / b
              }
            let encoding = result.isNaN ? checksum.nan : UInt8(result.bitPattern)
            state = (state ^ UInt64(encoding)) &* 0x100_0000_01B3
          }
        }
        complaints.check(state == checksum.state, "\(checksum.operation) of \(F.format)")
      }
    }
    try forEachFormat { check($0, $1, &$2) }
  }

  @Test func `a product and a sum are rounded once`() throws {
    func check<F: BinaryFloat>(
      _ type: F.Type, _ vectors: Float8Vectors, _ complaints: inout Complaints
    ) {
      var generator = SplitMix64(seed: 0xF8)
      for _ in 0..<3000 {
        let (a, b, c) = (
          F.randomFinite(using: &generator), F.randomFinite(using: &generator),
          F.randomFinite(using: &generator)
        )
        // 200 bits hold the sum of any product and any number.
        var exact = BigFloat(precision: 200)
        exact.setProduct(BigFloat(exactly: a), BigFloat(exactly: b), .toNearestOrEven)
        exact.formSum(BigFloat(exactly: c), .toNearestOrEven)
        let (own, expected) = (c.addingProduct(a, b), F(rounding: exact))
        complaints.check(
          own == expected || own.isSame(as: expected),
          "\(F.format) \(c) + \(a) * \(b) is \(own)")
        let scaled = a.scaled(byPowerOfTwo: Int(generator.next() % 20) - 10)
        complaints.check(scaled.isNaN || scaled.isFinite || F.format.hasInfinities, "scaled")
      }
    }
    try forEachFormat { check($0, $1, &$2) }
  }

  @Test func `hexadecimal and decimal texts read back as the number`() throws {
    func check<F: BinaryFloat>(
      _ type: F.Type, _ vectors: Float8Vectors, _ complaints: inout Complaints
    ) {
      for value in vectors.values where value.number.isFinite {
        let own = F(bitPattern: F.BitPattern(value.encoding))
        complaints.check(
          Double(own.hexText) == value.number, "\(F.format) \(own.patternText) is \(own.hexText)")
        for text in [own.hexText, own.decimalText] {
          complaints.check(F(text: text)?.bitPattern == own.bitPattern, "\(F.format) \(text)")
        }
        complaints.check(own.decimalText.count <= 10, "\(F.format) \(own.decimalText)")
      }
    }
    try forEachFormat { check($0, $1, &$2) }
  }

  @Test
  func `a format contains another where every number of that survives the way there and back`()
    throws
  {
    for inner in FloatFormat.float8 {
      let numbers = try #require(vectors[inner]).values.map(\.number).filter(\.isFinite)
      for outer in FloatFormat.everyOne {
        #expect(outer.contains(inner) == numbers.allSatisfy(outer.holds), "\(outer) and \(inner)")
        #expect(outer.holds(.nan) == false)
      }
      for outer in FloatFormat.allCases { #expect(!inner.contains(outer)) }
    }
  }

  @Test func `formats by name are no formats of default runs`() {
    #expect(
      FloatFormat.float8.map(\.rawValue) == [
        "float8-e4m3fn", "float8-e5m2", "float8-e4m3fnuz", "float8-e5m2fnuz",
      ])
    #expect(FloatFormat.everyOne.count == 8)
    #expect(FloatFormat.allCases.allSatisfy { !FloatFormat.float8.contains($0) })
    #expect(FloatFormat.everyOne.sorted() == FloatFormat.everyOne)
    for format in FloatFormat.everyOne {
      #expect(FloatFormat(rawValue: format.rawValue) == format)
      #expect(format.type.format == format)
    }
  }
}
