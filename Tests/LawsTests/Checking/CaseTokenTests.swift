import FloatFormats
import Testing

@testable import Laws

@Suite("Tokens of cases")
struct CaseTokenTests {
  @Test("The tokens of cases that an earlier version printed are read, and printed again")
  func earlierCases() throws {
    for (token, law): (String, Law) in [
      ("case1-AwEDAAMBAwADgJQBQ8U0GQ", .overflow),
      ("case1-AwEDAAMBAwIDCwMAA4B4M513kA", .largeShift),
    ] {
      let input = try CaseToken.input(of: token, law: law, .float16)
      #expect(input.logits.count == 1)
      #expect(CaseToken.text(of: input, choices: nil, .float16) == token)
    }
    // The float16 with the encoding 0x4A00 is 12: 2^3 (1 + 1/2).
    #expect(
      try CaseToken.input(of: "case1-AwEDAAMBAwADgJQBQ8U0GQ", law: .overflow, .float16).logits
        == [12])
  }
}
