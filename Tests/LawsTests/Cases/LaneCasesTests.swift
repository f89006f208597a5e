import FloatFormats
import PropertyTesting
import Testing

@testable import Laws

@Suite("Cases of lanes")
struct LaneCasesTests {
  @Test("Lanes are written down as ever, so that tokens stay what they are")
  func choices() {
    func float(_ value: Float) -> ChoiceValue { .float(.float32, bits: UInt64(value.bitPattern)) }
    #expect(
      LaneCases.choices(for: [3, -2.5, 3, -.infinity], .float32) == [
        .integer(0), .integer(4), float(3), .boolean(true), .integer(1), float(-2.5),
        .boolean(true), .integer(3), float(-.infinity), .boolean(false),
      ])
    #expect(LaneCases.choices(for: [], .float32) == nil)
    #expect(LaneCases.choices(for: Array(repeating: 0, count: 2048), .float32)?.count == 4)
    #expect(LaneCases.choices(for: Array(repeating: 0, count: 2049), .float32) == nil)
  }

  @Test("Round a limit down to a number of the format")
  func limits() {
    #expect(FloatFormat.bfloat16.largestNumber(upTo: 9999.5) == 9984)
    #expect(FloatFormat.float16.largestNumber(upTo: 9999.5) == 9992)
    #expect(FloatFormat.float16.largestNumber(upTo: 1e9) == 65_504)
    #expect(FloatFormat.float32.largestNumber(upTo: 16) == 16)
  }
}
