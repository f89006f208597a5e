import AuditRecords
import FloatFormats
import Foundation
import Testing

@testable import AuditReports

@Suite("The table of tolerances in use elsewhere")
struct ElsewhereTableTests {
  private func counts(_ accepting: Set<String>, in format: String) -> [ElsewhereCount] {
    ToleranceInUse.all.filter { $0.covers(.init(rawValue: format) ?? .float32) }.map {
      ElsewhereCount(
        tolerance: $0.name, judged: 16, rejected: accepting.contains($0.label) ? 0 : 3, undecided: 0
      )
    }
  }

  private var rows: [AccuracyRow] {
    [
      row("good", .float32) { $0.elsewhere = counts(["torch", "ort"], in: "float32") },
      row("good", .float32, length: 9) { $0.elsewhere = counts(["torch"], in: "float32") },
      row("zeros", .float32) {
        $0.elsewhere = counts(["torch"], in: "float32")
        $0.bound?.maxRatio = 1e6
      },
      row("crashing", .float32) {
        $0.failure = .init(kind: .crash, explanation: "signal 11")
      },
      row("crashing", .float32, length: 9) { $0.elsewhere = counts(["torch"], in: "float32") },
      row("undeclared", .float16) {
        $0.bound = nil
        $0.elsewhere = counts(["torch"], in: "float16")
        $0.elsewhere?[1].rejected = 0
        $0.elsewhere?[1].undecided = 1
      },
      row(hostileName, .bfloat16) { $0.elsewhere = counts([], in: "bfloat16") },
    ]
  }

  @Test("Accepted is what is accepted in every cell; a crash is accepted by none")
  func answers() throws {
    let table = try #require(ElsewhereTable(AccuracySummary.summaries(of: results(rows))))
    func line(_ name: String) -> [ElsewhereTable.Answer] {
      Array(table.rows.first { $0.summary.implementation == name }?.answers.prefix(3) ?? [])
    }
    #expect(line("good") == [.accepted, .rejected(1, of: 2), .rejected(2, of: 2)])
    #expect(line("crashing") == [.rejected(1, of: 2), .rejected(2, of: 2), .rejected(2, of: 2)])
    #expect(line("undeclared") == [.accepted, .undecided, .rejected(1, of: 1)])
    #expect(
      table.rows.map(\.verdict) == [.unjudged, .kept, .kept, .failed, .failed])
    #expect(
      table.sentences == [
        "torch.testing.assert_close accepts what fails here: zeros in float32."
      ])
  }

  @Test(
    "It stands in every form of report, 80 columns wide in the text, and nowhere if nobody asked")
  func forms() throws {
    let judged = results(rows)
    let text = TextReport.render(judged)
    #expect(text.contains("Would it pass elsewhere?"))
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    let markdown = MarkdownReport.render(judged)
    #expect(markdown.contains("## Would it pass elsewhere?"))
    #expect(markdown.contains("rejected (1 of 2)"))
    let page = try HTMLReport.render(judged)
    #expect(page.contains("<h2 id=\"elsewhere\">Would it pass elsewhere?</h2>"))
    #expect(!page.contains("<script>alert"))
    #expect(XMLCheck(page).problem == nil)
    for report in [
      TextReport.render(interestingResults), MarkdownReport.render(interestingResults),
      try HTMLReport.render(interestingResults),
    ] { #expect(!report.contains("Would it pass elsewhere?")) }
  }
}
