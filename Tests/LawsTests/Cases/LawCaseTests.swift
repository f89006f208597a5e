import FloatFormats
import PropertyTesting
import Testing

@testable import AuditedOperations
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
    // FNV-1a, 64 bits, over the bytes of axis 0, dimension 1 and the encoding of 1.0, computed with
    // Python.
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

  @Test("Gets lanes of the nearest length that a domain includes, and keeps its last logits")
  func fitting() throws {
    var domain = InputDomain()
    domain.lengthMultipleOf = 4
    domain.largestLength = 8
    #expect(
      LawCase(lane: [1, 2, 3], arguments: [7]).fitted(to: domain)
        == LawCase(lane: [1, 2, 3, 3], arguments: [7]))
    #expect(LawCase(lanes: [[1], [2]]).fitted(to: domain).lane(1) == [2, 2, 2, 2])
    #expect(
      LawCase(lane: Array(1...9).map(Double.init)).fitted(to: domain)
        == LawCase(lane: [1, 2, 3, 4, 5, 6, 7, 9]))
    let columns = LawCase(
      geometry: try LaneGeometry(shape: [3, 2], axis: 0), logits: [1, 10, 2, 20, 3, 30])
    #expect(
      columns.fitted(to: domain)
        == LawCase(
          geometry: try LaneGeometry(shape: [4, 2], axis: 0),
          logits: [1, 10, 2, 20, 3, 30, 3, 30]))
    let own = LawCase(lane: [1, 2, 3, 4])
    #expect(own.fitted(to: domain) == own)
    let empty = LawCase(lane: [])
    #expect(empty.fitted(to: domain) == empty)
  }

  @Test("Is of the lengths that the implementation is made for, where the law is about no others")
  func domains() throws {
    var domain = InputDomain()
    domain.lengthMultipleOf = 60
    domain.largestLength = 60
    for law in [Law.componentwiseError, .axis, .neighbours, .equalLogits, .specialLanes] {
      let cases = law.cases(.float32, within: .infinity, domain: domain).samples(20, seed: 5)
      #expect(cases.allSatisfy { $0.geometry.length == 60 }, "\(law.name)")
    }
    // A lane of one logit is what this law is about.
    let single = Law.single.cases(.float32, within: .infinity, domain: domain)
    #expect(single.samples(5, seed: 5).allSatisfy { $0.geometry.length == 1 })
  }
}
