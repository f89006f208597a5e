import Foundation
import SoftmaxAudit
import Testing

@Suite("The report command")
struct ReportTests {
  let folder: TemporaryFolder
  let results: String

  init() async throws {
    folder = try TemporaryFolder()
    results = folder.path("results.json")
    try await run(
      "audit --implementation naive --format float32 --family constant --length 4 --quiet --json \(results)"
    )
  }

  @Test("It prints a table, or a Markdown page, to standard output or into a file")
  func forms() async throws {
    let text = try await run("report \(results)")
    #expect(text.status == 0)
    #expect(text.notes == "")
    #expect(text.lines.first == "float32")
    let markdown = try await run("report --as markdown \(results)")
    #expect(markdown.status == 0)
    #expect(markdown.output.hasPrefix("# How wrong is this softmax?\n"))

    let page = folder.path("page.md")
    let written = try await run("report --as markdown --output \(page) \(results)")
    #expect(written.status == 0)
    #expect(written.output + written.notes == "")
    #expect(try String(contentsOfFile: page, encoding: .utf8) == markdown.output)
  }

  @Test("What is no results file is malformed input, and nothing is written")
  func malformedInput() async throws {
    let missing = folder.path("missing.json")
    try await run("report \(missing)").expectRefusal(
      65, "cannot read \(missing); name a file that softmax-audit wrote with --json")
    let garbage = try folder.file("garbage.json", Data("garbage".utf8))
    let page = folder.path("page.md")
    let outcome = try await run("report --output \(page) \(garbage)")
    outcome.expectRefusal(
      65, "\(garbage) is not a results file: at the top, The given data was not valid JSON")
    #expect(!FileManager.default.fileExists(atPath: page))
  }

  @Test("Another version of the schema is refused")
  func otherVersion() async throws {
    let text = try String(contentsOfFile: results, encoding: .utf8)
    let newer = try folder.file(
      "newer.json",
      Data(text.replacing("softmax-audit/results/1", with: "softmax-audit/results/2").utf8))
    try await run("report \(newer)").expectRefusal(
      65,
      "\(newer) has the schema \"softmax-audit/results/2\"; this version reads "
        + "\"softmax-audit/results/1\": make it again with this version")
  }

  @Test("An output that cannot be written is reported as such")
  func unwritableOutput() async throws {
    let outcome = try await run("report \(results) --output \(folder.path("missing"))/page.md")
    #expect(outcome.status == 73)
    #expect(outcome.output == "")
    #expect(outcome.notes.hasPrefix("error: cannot write \(folder.path("missing"))/page.md: "))
  }

  @Test("An unknown form is answered with those that there are")
  func unknownForm() async throws {
    let outcome = try await run("report \(results) --as html")
    #expect(outcome.status == 64)
    #expect(outcome.notes.contains("'text' and 'markdown'"))
  }
}
