import AuditRecords
import Foundation
import Testing

@Suite("A first verdict in little time")
struct QuickTests {
  @Test("An audit leaves out long lanes and says how many cells; without --quick it says nothing")
  func audit() async throws {
    let folder = try TemporaryFolder()
    let words = [
      "audit", "--implementation", "max-trick", "--format", "float32", "--family", "dust",
      "--threads", "1", "--json",
    ]
    let quick = try await run(words + [folder.path("quick.json"), "--quick"])
    #expect(quick.status == 0)
    #expect(quick.notes.contains("quick: lanes longer than 1025 were left out, "))
    let measured = try results(in: folder.path("quick.json")).accuracy
    #expect(!measured.isEmpty)
    #expect(measured.allSatisfy { $0.length <= 1025 })
    let short = try await run(words + [folder.path("short.json"), "--length", "8"])
    #expect(!short.notes.contains("quick"))
  }

  @Test("A check tries a part of the cases, at least one of each law, and says so")
  func check() async throws {
    let folder = try TemporaryFolder()
    let words = [
      "check", "--implementation", "max-trick", "--format", "float32", "--law", "sum-to-one",
      "--law", "single", "--json",
    ]
    let quick = try await run(words + [folder.path("quick.json"), "--quick"])
    #expect(quick.status == 0)
    #expect(quick.notes.contains("quick: about nine of ten cases of each law were left out"))
    let full = try await run(words + [folder.path("full.json")])
    #expect(!full.notes.contains("quick"))
    let (few, many) = (
      try results(in: folder.path("quick.json")).properties.map(\.cases),
      try results(in: folder.path("full.json")).properties.map(\.cases)
    )
    #expect(few.count == 2 && few.allSatisfy { $0 > 0 })
    #expect(zip(few, many).allSatisfy { $0 < $1 })
  }

  @Test(
    "What chooses the same as --quick does not stand beside it",
    arguments: [
      "audit --quick --length 8", "audit --quick --samples 2",
      "audit --quick --logits Reports/data/digits-logits.npy",
      "check --quick --effort 2", "check --quick --repeat 10",
    ])
  func contradictions(_ command: String) async throws {
    let outcome = try await run(command)
    #expect(outcome.status == 64)
    #expect(outcome.notes.contains("--quick"))
  }
}
