import FloatFormats
import PropertyTesting
import Testing

@testable import Basics
@testable import Laws

@Suite("A case of a law")
struct LawCaseTests {
  @Test("Has a digest that depends on shape, axis, order and every bit")
  func digest() throws {
    let lane = LawCase(lane: [1, 2])
    #expect(lane.digest == LawCase(lane: [1, 2]).digest)
    #expect(lane.digest != LawCase(lane: [2, 1]).digest)
    #expect(LawCase(lane: [0.0]).digest != LawCase(lane: [-0.0]).digest)
    #expect(LawCase(lanes: [[1], [2]]).digest != lane.digest)
    // FNV-1a, 64 bits, over the bytes of axis 0, dimension 1 and the encoding of 1.0, computed with Python.
    #expect(LawCase(lane: [1]).digest == "352a110eef22d619")
  }

  @Test(
    "Comes back from its token, bit for bit",
    arguments: FloatFormat.allCases)
  func tokens(format: FloatFormat) throws {
    for law in Law.all {
      for input in law.cases(format).samples(3, seed: 11)
      where input.logits.count <= 24 && !input.logits.contains(where: \.isNaN) {
        let token = CaseToken.text(of: input, choices: nil, format)
        #expect(try CaseToken.input(of: token, law: law, format) == input, "\(law.name) \(token)")
      }
    }
  }

  @Test(
    "Does not come of a text that is no token",
    arguments: [
      "", "case1-", "case1-AAAA", "case1-AwED", "pt1-", "pt2-AAAA",
      "case1-AwEDAAMBAwADgIDIlQRz9t08",
    ])
  func garbage(text: String) {
    #expect(throws: UserError.self) { try CaseToken.input(of: text, law: .range, .float32) }
  }
}
