import Foundation
import Testing

@testable import AuditRecords

@Suite("The lanes of evidence")
struct EvidenceLaneTests {
  private func text(_ logits: [String]) throws -> String {
    String(decoding: try JSONEncoder().encode(EvidenceLane(logits)), as: UTF8.self)
  }

  @Test("Equal neighbours are written once, with their number")
  func runs() throws {
    #expect(try text([]) == "[]")
    #expect(try text(["a"]) == #"["a"]"#)
    #expect(try text(["a", "b"]) == #"["a","b"]"#)
    #expect(try text(["a", "a"]) == #"[["a",2]]"#)
    #expect(try text(["a", "b", "b", "b", "a"]) == #"["a",["b",3],"a"]"#)
    #expect(try text(["a", "a", "b"]) == #"[["a",2],"b"]"#)
  }

  @Test("What was written is read again")
  func readAgain() throws {
    for logits in [[], ["a"], ["a", "a", "b", "a"], Array(repeating: "c", count: 1000) + ["d"]] {
      let lane = EvidenceLane(logits)
      let data = try JSONEncoder().encode(lane)
      #expect(try JSONDecoder().decode(EvidenceLane.self, from: data) == lane)
    }
  }
}
