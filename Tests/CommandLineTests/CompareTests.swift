import AuditReports
import Foundation
import Testing

@testable import AuditRecords

@Suite("The compare command")
struct CompareTests {
  let folder: TemporaryFolder
  let good: String
  let bad: String

  init() async throws {
    folder = try TemporaryFolder()
    good = folder.path("good.json")
    bad = folder.path("bad.json")
    try await run(
      "audit --implementation max-trick/pairwise --format float32 --family dust --length 4096 --quiet --json \(good)"
    )
    // The same name with another summation: what a careless change does.
    try await run(
      "audit --implementation max-trick/sequential --format float32 --family dust --length 4096 --quiet --json \(bad)"
    )
    var renamed = try results(in: bad)
    for index in renamed.accuracy.indices {
      renamed.accuracy[index].implementation = "max-trick/pairwise"
    }
    try ResultsJSON.encode(renamed).write(to: URL(fileURLWithPath: bad))
  }

  @Test("Equal results are not worse")
  func equal() async throws {
    let outcome = try await run("compare \(good) \(good)")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "")
    #expect(outcome.output.contains("Nothing got worse."))
  }

  @Test("A worse summation is told with its figures, and the other way round is better")
  func worse() async throws {
    let outcome = try await run("compare \(good) \(bad)")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("largest error, ulp: "))
    #expect(outcome.output.contains("in dust, length 4096"))
    let back = try await run("compare \(bad) \(good)")
    #expect(back.status == 0)
    #expect(back.output.contains("\nBetter\n"))
  }

  @Test("It writes Markdown and JSON, or prints them")
  func forms() async throws {
    let (page, json) = (folder.path("page.md"), folder.path("changes.json"))
    let outcome = try await run("compare \(good) \(bad) --markdown \(page) --json \(json) --quiet")
    #expect(outcome.status == 1)
    #expect(outcome.output + outcome.notes == "")
    let printed = try await run("compare \(good) \(bad) --as markdown")
    #expect(try String(contentsOfFile: page, encoding: .utf8) == printed.output)
    let document = try await run("compare \(good) \(bad) --as json")
    #expect(try String(contentsOfFile: json, encoding: .utf8) == document.output)
    #expect(document.output.contains("\"outcome\":\"worse\""))
  }

  @Test("What is not measured any more is exit status 2")
  func vanished() async throws {
    let other = folder.path("other.json")
    try await run(
      "audit --implementation naive --format float32 --family constant --length 4 --quiet --json \(other)"
    )
    let outcome = try await run("compare \(good) \(other)")
    #expect(outcome.status == 2)
    #expect(outcome.output.contains("vanished"))
  }

  @Test("Malformed files and those of another schema are refused, and nothing is written")
  func malformed() async throws {
    let text = try String(contentsOfFile: good, encoding: .utf8)
    let newer = try folder.file(
      "newer.json",
      Data(text.replacing("softmax-audit/results/1", with: "softmax-audit/results/2").utf8))
    let truncated = try folder.file("truncated.json", Data(text.utf8.prefix(text.utf8.count / 2)))
    let page = folder.path("page.md")
    for path in [newer, truncated, folder.path("missing.json")] {
      let outcome = try await run("compare \(good) \(path) --markdown \(page)")
      #expect(outcome.status == 65)
      #expect(outcome.output == "")
      #expect(outcome.notes.contains(path))
    }
    #expect(!FileManager.default.fileExists(atPath: page))
  }

  @Test("Contradictions and places that cannot be written are refused")
  func refusals() async throws {
    #expect(try await run("compare \(good) \(bad) --quiet --as json").status == 64)
    #expect(try await run("compare \(good)").status == 64)
    #expect(try await run("compare \(good) \(bad) --json \(folder.path("no"))/x.json").status == 73)
  }
}
