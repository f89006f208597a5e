import FloatFormats
import Testing

@Suite("FloatFormat")
struct FloatFormatTests {
  /// IEEE 754-2019, table 3.5, and the binary32 exponent range with an 8-bit significand.
  struct Row: Sendable {
    let format: FloatFormat
    let width: Int
    let precision: Int
    let maximumExponent: Int
    let unitRoundoff: Double
    let leastSubnormal: Double
    let leastNormal: Double
    let greatestFinite: Double
  }

  static let table = [
    Row(
      format: .float16, width: 16, precision: 11, maximumExponent: 15, unitRoundoff: 0x1p-11,
      leastSubnormal: 0x1p-24, leastNormal: 0x1p-14, greatestFinite: 65504),
    Row(
      format: .bfloat16, width: 16, precision: 8, maximumExponent: 127, unitRoundoff: 0x1p-8,
      leastSubnormal: 0x1p-133, leastNormal: 0x1p-126, greatestFinite: 0x1.fep127),
    Row(
      format: .float32, width: 32, precision: 24, maximumExponent: 127, unitRoundoff: 0x1p-24,
      leastSubnormal: 0x1p-149, leastNormal: 0x1p-126, greatestFinite: 0x1.fffffep127),
    Row(
      format: .float64, width: 64, precision: 53, maximumExponent: 1023, unitRoundoff: 0x1p-53,
      leastSubnormal: 0x1p-1074, leastNormal: 0x1p-1022,
      greatestFinite: 0x1.fffffffffffffp1023),
  ]

  @Test(arguments: table)
  func `parameters are those of the published table`(row: Row) {
    let format = row.format
    #expect(format.bitWidth == row.width)
    #expect(format.precision == row.precision)
    #expect(format.maximumExponent == row.maximumExponent)
    #expect(format.minimumExponent == 1 - row.maximumExponent)
    #expect(format.quantumExponent == row.leastSubnormal.exponent)
    #expect(format.unitRoundoff == row.unitRoundoff)
    #expect(format.leastSubnormal == row.leastSubnormal)
    #expect(format.leastNormal == row.leastNormal)
    #expect(format.greatestFinite == row.greatestFinite)
  }

  @Test func `the table covers every format, and each has its name`() {
    #expect(FloatFormat.allCases == Self.table.map(\.format))
    #expect(FloatFormat.allCases.map(\.rawValue) == ["float16", "bfloat16", "float32", "float64"])
    #expect(FloatFormat.allCases.sorted() == FloatFormat.allCases)
    #expect(FloatFormat.allCases.reversed().sorted() == FloatFormat.allCases)
  }

  @Test func `a format contains another where every number of it survives the way there and back`()
  {
    let containing: [FloatFormat: [FloatFormat]] = [
      .float16: [.float16], .bfloat16: [.bfloat16],
      .float32: [.float16, .bfloat16, .float32], .float64: FloatFormat.allCases,
    ]
    for outer in FloatFormat.allCases {
      for inner in FloatFormat.allCases {
        #expect(
          outer.contains(inner) == containing[outer]?.contains(inner), "\(outer) and \(inner)")
      }
    }
  }
}
