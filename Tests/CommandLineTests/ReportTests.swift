import AuditReports
import Foundation
import Testing

@testable import AuditRecords

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
      65,
      "cannot read \(missing): there is no such file or folder; name a file that softmax-audit wrote with --json"
    )
    let garbage = try folder.file("garbage.json", Data("garbage".utf8))
    let page = folder.path("page.md")
    let outcome = try await run("report --output \(page) \(garbage)")
    outcome.expectRefusal(
      65, "\(garbage) is not a results file: at the top, a value is expected, at byte 0")
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
    let outcome = try await run("report \(results) --as pdf")
    #expect(outcome.status == 64)
    #expect(outcome.notes.contains("'text', 'markdown', 'html', 'csv' or 'laws-csv'"))
  }

  @Test("It prints an HTML page or rows for a spreadsheet")
  func pageAndRows() async throws {
    let page = try await run("report --as html \(results)")
    #expect(page.status == 0)
    #expect(page.output.hasPrefix("<!DOCTYPE html>\n"))
    #expect(page.output.hasSuffix("</html>\n"))
    let rows = try await run("report --as csv \(results)")
    #expect(rows.status == 0)
    #expect(rows.output.hasPrefix("implementation,inputFormat,"))
    #expect(
      rows.output.split(separator: "\r\n").count == 1
        + (try CommandLineTests.results(in: results)).accuracy.count)
  }

  @Test("Several files make one report; one that is malformed makes none")
  func severalFiles() async throws {
    let both = try await run("report \(results) \(results)")
    #expect(both.status == 0)
    #expect(both.output.hasPrefix("A  results.json\n"))
    #expect(both.output.contains("\nB  results.json\n"))

    let garbage = try folder.file("garbage.json", Data("garbage".utf8))
    let directory = folder.path("report")
    try await run("report \(results) \(garbage) --report \(directory)").expectRefusal(
      65, "\(garbage) is not a results file: at the top, a value is expected, at byte 0")
    #expect(!FileManager.default.fileExists(atPath: directory))
  }

  @Test("A directory gets all forms, and loses only figures of an earlier report")
  func directory() async throws {
    let directory = folder.path("report")
    let outcome = try await run("report \(results) --report \(directory)")
    #expect(outcome.status == 0)
    #expect(outcome.notes == "report: \(directory)/report.html\n")
    var names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    #expect(names == ["figures", "report.html", "report.md", "results.json", "rows.csv"])
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: directory + "/results.json"))
        == Data(contentsOf: URL(fileURLWithPath: results)))

    let figures = directory + "/figures"
    let stale = figures + "/stale.svg"
    let mine = figures + "/mine.svg"
    try Data((ReportFolder.figureMarker + "\n<svg/>").utf8).write(to: URL(fileURLWithPath: stale))
    try Data("<svg/>".utf8).write(to: URL(fileURLWithPath: mine))
    try await run("report \(results) --report \(directory)")
    names = try FileManager.default.contentsOfDirectory(atPath: figures)
    #expect(!names.contains("stale.svg"))
    #expect(names.contains("mine.svg"))
    // What the Markdown page shows lies beside it.
    let page = try String(contentsOfFile: directory + "/report.md", encoding: .utf8)
    let shown = page.matches(of: /\]\((figures\/[^)]*)\)/).map { String($0.1) }
    #expect(!shown.isEmpty)
    for path in shown {
      #expect(FileManager.default.fileExists(atPath: directory + "/" + path), "\(path)")
    }
  }

  @Test("A directory in which one file cannot be written gets none of them")
  func allOrNone() async throws {
    let directory = folder.path("report")
    // A directory stands where the last of the files belongs.
    try FileManager.default.createDirectory(
      atPath: directory + "/results.json", withIntermediateDirectories: true)
    let outcome = try await run("report \(results) --report \(directory)")
    #expect(outcome.status == 73)
    let found = FileManager.default.enumerator(atPath: directory)?.allObjects as? [String]
    #expect(found?.sorted() == ["figures", "results.json"])
  }

  @Test("A directory takes all forms, so that asking for one with it is a mistake")
  func contradiction() async throws {
    let outcome = try await run("report \(results) --report \(folder.path("x")) --as html")
    #expect(outcome.status == 64)
    #expect(outcome.notes.contains("--report writes all forms; leave --as and --output out"))
  }
}
