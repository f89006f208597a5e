import MultiPrecision
import TestSupport
import Testing

@Suite("BigFloat as text")
struct BigFloatTextTests {
  @Test func `the digits of e are the known ones`() {
    var e = BigFloat(precision: 400)
    e.setExponential(BigFloat(1), .toNearestOrEven)
    #expect(
      e.decimalText(digits: 60)
        == "2.71828182845904523536028747135266249775724709369995957496697e0")
    #expect(e.decimalText(digits: 1) == "3e0")
    #expect(e.decimalText(digits: 1, .down) == "2e0")
    #expect(e.decimalText(digits: 5) == "2.7183e0")
    #expect(e.decimalText(digits: 5, .towardZero) == "2.7182e0")
  }

  @Test func `the digits of ln 2 are the known ones`() {
    var logarithm = BigFloat(precision: 300)
    logarithm.setLogarithm(BigFloat(2), .toNearestOrEven)
    #expect(
      logarithm.decimalText(digits: 50) == "6.9314718055994530941723212145817656807550013436026e-1")
    var onePlus = BigFloat(precision: 300)
    onePlus.setLogarithmOnePlus(BigFloat(1), .toNearestOrEven)
    #expect(onePlus.compare(logarithm) == 0)
  }

  @Test func `two thirds end in a 7 when rounded and in a 6 when cut`() {
    var number = BigFloat(precision: 500)
    number.setQuotient(BigFloat(2), BigFloat(3), .toNearestOrEven)
    let sixes = String(repeating: "6", count: 38)
    #expect(number.decimalText(digits: 40) == "6.\(sixes)7e-1")
    #expect(number.decimalText(digits: 40, .down) == "6.\(sixes)6e-1")
    number.formNegation()
    #expect(number.decimalText(digits: 40) == "-6.\(sixes)7e-1")
    #expect(number.decimalText(digits: 40, .up) == "-6.\(sixes)6e-1")
    #expect(number.decimalText(digits: 40, .down) == "-6.\(sixes)7e-1")
  }

  @Test func `numbers huge and tiny keep their digits`() {
    #expect(BigFloat(1e308).decimalText(digits: 17) == "1.0000000000000000e308")
    #expect(
      BigFloat(Double.greatestFiniteMagnitude).decimalText(digits: 20)
        == "1.7976931348623157081e308")
    #expect(BigFloat(0x1p-1074).decimalText(digits: 16) == "4.940656458412465e-324")
    #expect(BigFloat(-0x1p-1074).decimalText(digits: 3) == "-4.94e-324")
    // e^-10000, far below binary64.
    var tiny = BigFloat(precision: 200)
    tiny.setExponential(BigFloat(-10000), .toNearestOrEven)
    #expect(tiny.decimalText(digits: 21) == "1.13548386531473609854e-4343")
    var huge = BigFloat(precision: 64)
    huge.assign(1, timesPowerOfTwo: 4096, .down)
    #expect(huge.decimalText(digits: 10) == "1.044388881e1233")
  }

  @Test func `a decimal tie goes to the even digit of the stored binary number`() {
    #expect(BigFloat(2.5).decimalText(digits: 1) == "2e0")
    #expect(BigFloat(3.5).decimalText(digits: 1) == "4e0")
    #expect(BigFloat(0.125).decimalText(digits: 2) == "1.2e-1")
    #expect(BigFloat(0.375).decimalText(digits: 2) == "3.8e-1")
    // 0.1 in binary64 lies a little above one tenth.
    #expect(
      BigFloat(0.1).decimalText(digits: 30) == "1.00000000000000005551115123126e-1")
    #expect(BigFloat(9.5).decimalText(digits: 1) == "1e1")
  }

  @Test func `NaN, infinities and zeros have their own texts`() {
    #expect(BigFloat(Double.nan).decimalText(digits: 5) == "nan")
    #expect(BigFloat(Double.infinity).decimalText(digits: 5) == "inf")
    #expect(BigFloat(-Double.infinity).decimalText(digits: 5) == "-inf")
    #expect(BigFloat(0).decimalText(digits: 5) == "0")
    #expect(BigFloat(-0.0).decimalText(digits: 5) == "-0")
    #expect(BigFloat(Double.nan).hexText == "nan")
    #expect(BigFloat(Double.infinity).hexText == "inf")
    #expect(BigFloat(-Double.infinity).hexText == "-inf")
    #expect(BigFloat(0).hexText == "0x0p+0")
    #expect(BigFloat(-0.0).hexText == "-0x0p+0")
  }

  @Test func `hexadecimal text is exact and starts with a 1`() {
    #expect(BigFloat(1).hexText == "0x1p+0")
    #expect(BigFloat(-1.5).hexText == "-0x1.8p+0")
    #expect(BigFloat(0.1).hexText == "0x1.999999999999ap-4")
    #expect(BigFloat(10).hexText == "0x1.4p+3")
    #expect(BigFloat(0x1p-1074).hexText == "0x1p-1074")
    #expect(BigFloat(0x1.0000000000001p-1022).hexText == "0x1.0000000000001p-1022")
    #expect(BigFloat(integer: .max).hexText == "0x1.fffffffffffffffep+63")
    var narrow = BigFloat(precision: 2)
    narrow.assign(3, .down)
    #expect(narrow.hexText == "0x1.8p+1")
    var single = BigFloat(precision: 1)
    single.assign(0.25, .down)
    #expect(single.hexText == "0x1p-2")
    // A long number whose digits are known: 1 + 2^-200.
    var long = BigFloat(precision: 201)
    long.setSum(BigFloat(1), BigFloat(0x1p-200), .down)
    #expect(long.hexText == "0x1." + String(repeating: "0", count: 49) + "1p+0")
    long.formProduct(withPowerOfTwo: -100_000)
    #expect(long.hexText.hasSuffix("1p-100000"))
  }

  @Test func `the standard library reads hexadecimal text of binary64 numbers back`() {
    var generator = SplitMix64(seed: 0x4E)
    for _ in 0..<1000 {
      let value = generator.finiteDouble()
      #expect(Double(BigFloat(value).hexText)?.bitPattern == value.bitPattern)
      #expect(Double(BigFloat(value).decimalText(digits: 17))?.bitPattern == value.bitPattern)
    }
  }

  @Test func `what hexadecimal text names is read back exactly`() {
    var generator = SplitMix64(seed: 0x4F)
    for precision in [24, 53, 77, 128, 333] {
      for _ in 0..<40 {
        var number = BigFloat(precision: precision)
        number.setQuotient(
          BigFloat(generator.finiteDouble()), BigFloat(generator.finiteDouble()),
          .toNearestOrEven)
        var read = BigFloat(precision: precision)
        let ternary = read.assign(parsing: number.hexText, .down)
        #expect(ternary == 0)
        #expect(read.compare(number) == 0)
      }
    }
  }
}

// MARK: - Parsing

extension BigFloatTextTests {
  @Test(arguments: [
    ("1", 1.0), ("-1", -1), ("+2.5", 2.5), ("1e3", 1000), ("1E-3", 1e-3), (".5", 0.5), ("5.", 5),
    ("0x1.8p-4", 0x1.8p-4), ("-0X1.8P+4", -24), ("0x10", 16), ("0x.8", 0.5), ("0x1e5", 485),
    ("1.7976931348623157e308", .greatestFiniteMagnitude), ("4.9e-324", 0x1p-1074),
    ("0", 0), ("-0", -0.0), ("inf", .infinity), ("-inf", -.infinity),
    ("0.1000000000000000055511151231257827", 0.1),
  ])
  func `valid text is read`(text: String, expected: Double) {
    var number = BigFloat(precision: 200)
    #expect(number.assign(parsing: text, .toNearestOrEven) != nil)
    #expect(number.double(.toNearestOrEven).bitPattern == expected.bitPattern)
  }

  @Test func `nan is read as NaN`() {
    var number = BigFloat(1)
    #expect(number.assign(parsing: "nan", .toNearestOrEven) != nil)
    #expect(Kind(number) == .nan)
  }

  @Test(arguments: [
    "", " ", "abc", "1 ", "1x", "1.5garbage", "1e", "1e+", "0x", "0xg", "--1", "+-1", ".", "-",
    "e5",
    "1,5", "1.2.3", "0x1p", "1\n", "infinit", "nanx", "1e5.5", "\t", "1\u{0}", "1\u{0}a", "0b101",
    "-0b1p3", " 1", "1@3",
  ])
  func `invalid text is refused`(text: String) {
    var number = BigFloat(precision: 100)
    #expect(number.assign(parsing: text, .toNearestOrEven) == nil)
  }

  @Test func `text is rounded in the direction asked for`() {
    var number = BigFloat(precision: 53)
    let below = number.assign(parsing: "0.1", .down)
    #expect(below == -1)
    #expect(number.compare(0.1.nextDown) == 0)
    let above = number.assign(parsing: "0.1", .up)
    #expect(above == 1)
    #expect(number.compare(0.1) == 0)
    let exact = number.assign(parsing: "0.125", .up)
    #expect(exact == 0)
  }
}
