import FloatFormats
import Testing

@testable import SoftmaxAudit

@Suite("Cases of lanes")
struct LaneCasesTests {
  @Test("Round a limit down to a number of the format")
  func limits() {
    #expect(FloatFormat.bfloat16.largestNumber(upTo: 9999.5) == 9984)
    #expect(FloatFormat.float16.largestNumber(upTo: 9999.5) == 9992)
    #expect(FloatFormat.float16.largestNumber(upTo: 1e9) == 65_504)
    #expect(FloatFormat.float32.largestNumber(upTo: 16) == 16)
  }
}
