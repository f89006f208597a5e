import FloatFormats
import Testing

@testable import AuditRecords
@testable import AuditReports

@Suite("Reports on several results files")
struct ComparisonTests {
  private let sources: ReportSources = {
    let before = results([
      row("same", .float32) { $0.maxUlp = 1.0 }, row("gone", .float32),
      row("same", .float16) { $0.maxUlp = 4.0 },
    ])
    var after = results([
      row("same", .float32) { $0.maxUlp = 2.0 }, row("new", .float32),
      row("same", .float16) { $0.maxUlp = 3.0 },
    ])
    after.tool.version = "9.9.9"
    after.environment.processor = "Another processor"
    return ReportSources([
      .init(name: "before.json", results: before), .init(name: "after.json", results: after),
    ])
  }()

  @Test("What both hold stands side by side, in the order of the files")
  func sideBySide() {
    let rows = SideBySide(sources).rows
    #expect(rows.map(\.implementation) == ["same", "same"])
    #expect(rows.map { $0.summaries.map { $0?.maxUlp } } == [[4, 3], [1, 2]])
    #expect(SideBySide.remarks(sources) == ["The processors differ: times cannot be compared."])
  }

  @Test("Nothing of a file is lost, and every name carries the letter of its file")
  func names() {
    let text = TextReport.render(sources)
    for name in ["same · A", "same · B", "gone · A", "new · B"] {
      #expect(text.contains(name), "\(name)")
    }
    #expect(text.contains("A  before.json"))
    #expect(text.contains("softmax-audit 9.9.9"))
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    let summaries = AccuracySummary.summaries(of: sources)
    #expect(
      summaries.map(\.heading) == [
        "float16", "float16", "float32", "float32", "float32", "float32",
      ])
  }

  @Test("The page marks what got worse and what got better")
  func page() throws {
    let page = try HTMLReport.render(sources)
    #expect(page.contains("<td class=\"first up\">2.00 ↑</td>"))
    #expect(page.contains("<td class=\"first down\">3.00 ↓</td>"))
    #expect(page.contains("Another processor"))
    let markdown = MarkdownReport.render(sources)
    #expect(markdown.contains("| `same` | float32 | 1.00 (81.25) | 2.00 (81.25) |"))
    #expect(markdown.contains("9.9.9"))
  }

  @Test("One file needs no letters")
  func single() {
    #expect(!TextReport.render(interestingResults).contains(" · A"))
    #expect(!MarkdownReport.render(interestingResults).contains("## What is compared"))
  }
}
