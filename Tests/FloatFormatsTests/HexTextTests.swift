import FloatFormats
import MultiPrecision
import TestSupport
import Testing

@Suite("Text of floats")
struct HexTextTests {
  private func checkRoundTrip<F: BinaryFloat>(_ type: F.Type) where F.BitPattern == UInt16 {
    var complaints = Complaints()
    for pattern in UInt16.min...UInt16.max {
      let value = F(bitPattern: pattern)
      if value.isNaN {
        complaints.check(
          value.hexText == "nan" && value.decimalText == "nan", value.patternText)
        continue
      }
      let hexText = value.hexText
      let decimalText = value.decimalText
      complaints.check(F(text: hexText)?.bitPattern == pattern, "\(pattern): \(hexText)")
      complaints.check(F(text: decimalText)?.bitPattern == pattern, "\(pattern): \(decimalText)")
      guard value.isFinite else { continue }
      // The standard library as the reader that knows nothing of the writer.
      complaints.check(
        Double(hexText)?.bitPattern == meaning(of: UInt64(pattern), in: F.format)?.bitPattern,
        "\(pattern): \(hexText)")
      complaints.check(value.isZero || hexText.contains("0x1"), "\(pattern): \(hexText)")
    }
    complaints.expectNone()
  }

  @Test func `every float16 comes back from its hexadecimal and its decimal text`() {
    checkRoundTrip(Float16.self)
  }

  @Test func `every bfloat16 comes back from its hexadecimal and its decimal text`() {
    checkRoundTrip(BFloat16.self)
  }

  @Test func `float32 and float64 come back from their texts`() {
    var generator = SplitMix64(seed: 0x70)
    var complaints = Complaints()
    for _ in 0..<3000 {
      let single = Float.randomFinite(using: &generator)
      let wide = Double.randomFinite(using: &generator)
      complaints.check(Float(single.hexText)?.bitPattern == single.bitPattern, single.hexText)
      complaints.check(Float(text: single.hexText)?.bitPattern == single.bitPattern, single.hexText)
      complaints.check(
        Float(text: single.decimalText)?.bitPattern == single.bitPattern, single.decimalText)
      complaints.check(Double(wide.hexText)?.bitPattern == wide.bitPattern, wide.hexText)
      complaints.check(Double(text: wide.hexText)?.bitPattern == wide.bitPattern, wide.hexText)
      complaints.check(
        Double(text: wide.decimalText)?.bitPattern == wide.bitPattern, wide.decimalText)
    }
    complaints.expectNone()
  }

  @Test func `hexadecimal text has no superfluous digit`() {
    #expect(Float(1).hexText == "0x1p+0")
    #expect(Float16(-0.15625).hexText == "-0x1.4p-3")
    #expect(Float(0x1.fffffep127).hexText == "0x1.fffffep+127")
    #expect(Double(0x1.0000000000001p-1022).hexText == "0x1.0000000000001p-1022")
    #expect(Double(0x0.8p-1022).hexText == "0x1p-1023")
    #expect(Double(0x0.0000000000003p-1022).hexText == "0x1.8p-1073")
    #expect(BFloat16.leastSubnormal.hexText == "0x1p-133")
    #expect(BFloat16.greatestFinite.hexText == "0x1.fep+127")
    #expect(Float16(bitPattern: 0x03FF).hexText == "0x1.ff8p-15")
    #expect((-BFloat16.zero).hexText == "-0x0p+0")
    #expect(BFloat16.infinity.hexText == "inf")
    #expect((-BFloat16.infinity).hexText == "-inf")
    #expect((-BFloat16.nan).hexText == "nan")
    #expect(BFloat16.one.description == "0x1p+0")
  }

  @Test func `decimal text of bfloat16 is as short as can be`() throws {
    #expect(BFloat16.one.decimalText == "1.0")
    #expect(BFloat16(rounding: 0.1).decimalText == "0.1")
    #expect(BFloat16.greatestFinite.decimalText == "3.39e+38")
    #expect(BFloat16.leastSubnormal.decimalText == "9e-41")
    #expect((-BFloat16.zero).decimalText == "-0.0")
    var complaints = Complaints()
    for pattern in stride(from: UInt16(1), to: 0x7F80, by: 13) {
      let value = BFloat16(bitPattern: pattern)
      let text = value.decimalText
      let mantissa = text.lowercased().prefix { $0 != "e" }
      let digits = mantissa.filter(\.isNumber).drop { $0 == "0" }.reversed().drop { $0 == "0" }
      guard digits.count > 1 else { continue }
      // Neither the decimal number below nor the one above with a digit less reads back.
      let exact = BigFloat(exactly: value)
      for rounding in [BigFloat.Rounding.down, .up] {
        let shorter = exact.decimalText(digits: digits.count - 1, rounding)
        complaints.check(
          BFloat16(rounding: try #require(Double(shorter))) != value, "\(text) and \(shorter)")
      }
    }
    complaints.expectNone()
  }

  @Test(arguments: [
    ("1", 1), ("-1.5", -1.5), ("+.5", 0.5), ("1e-3", 1e-3), ("0x1.8p-4", 0x1.8p-4), ("-0", -0.0),
    ("inf", .infinity), ("+Infinity", .infinity), ("-INF", -.infinity), ("1e999", .infinity),
    ("-1e-999", -0.0), ("0x1p-1075", 0), ("0x1.000001p-1075", 0x1p-1074),
    ("1e-99999999999999999999", 0),
  ])
  func `valid text is read as a float64`(text: String, expected: Double) {
    #expect(Double(text: text)?.bitPattern == expected.bitPattern)
  }

  @Test func `nan is read in any spelling of its case`() {
    for text in ["nan", "NaN", "+nan", "-NAN"] {
      #expect(Float(text: text)?.isNaN == true)
    }
  }

  @Test(arguments: [
    "", " ", "abc", "1 ", " 1", "1x", "0x", "e", "1e", "--1", ".", "-", "1,5", "0x1p", "1\n",
    "nan1", "infinit", "in", "0b101", "-0b1p3", "1@2", "1\u{0}", "１",
  ])
  func `invalid text gives nil`(text: String) {
    #expect(Float16(text: text) == nil)
    #expect(BFloat16(text: text) == nil)
    #expect(Float(text: text) == nil)
    #expect(Double(text: text) == nil)
  }

  @Test func `text is rounded once, whatever its length`() {
    // The midpoint between the largest float16 and 2^16, and a hair below it.
    #expect(Float16(text: "65520") == .infinity)
    #expect(Float16(text: "65519." + String(repeating: "9", count: 500)) == 65504)
    // The midpoint of 1 and its upper neighbour, in decimals, and a hair above it.
    #expect(Float16(text: "1.00048828125") == 1)
    #expect(
      Float16(text: "1.00048828125" + String(repeating: "0", count: 500) + "1")?.bitPattern
        == 0x3C01)
    #expect(BFloat16(text: "0x1.010000000001p0")?.bitPattern == 0x3F81)
    #expect(BFloat16(text: "0x1.01p0")?.bitPattern == 0x3F80)
    #expect(BFloat16(text: "0x1.03p0")?.bitPattern == 0x3F82)
  }
}
