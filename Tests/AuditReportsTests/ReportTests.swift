import AuditRecords
import AuditReports
import FloatFormats
import Foundation
import TestSupport
import Testing

@Suite("Reports")
struct ReportTests {
  let snapshots = Snapshots(of: .module)

  @Test("The text report has not changed")
  func textSnapshot() throws {
    let text = TextReport.render(interestingResults)
    #expect(try snapshots.difference(of: text, from: "report.txt") == nil)
  }

  @Test("All that is told of wrong outputs stands in every form of report as before")
  func faultySnapshots() throws {
    let text = TextReport.render(faultyResults)
    #expect(try snapshots.difference(of: text, from: "faults.txt") == nil)
    let page = MarkdownReport.render(faultyResults)
    #expect(try snapshots.difference(of: page, from: "faults.md") == nil)
    for form in [text, page, try HTMLReport.render(faultyResults)] {
      let words = form.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(words.contains("the softmax of the logits times 0.5 (a temperature)"))
      #expect(words.contains("the largest error is of 733 of 256 512 outputs"))
      #expect(words.contains("87.50 % of the outputs are 0"))
      #expect(words.contains("2 in special lanes against the policy, 1 never written"))
    }
  }

  @Test("The Markdown report has not changed")
  func markdownSnapshot() throws {
    let text = MarkdownReport.render(interestingResults)
    #expect(try snapshots.difference(of: text, from: "report.md") == nil)
  }

  @Test("No line of the text report is wider than 80 columns")
  func textWidth() {
    let longName = String(repeating: "n", count: 300)
    let wide = results([
      row("\(longName)/b/\(longName)", .bfloat16, to: .float32, family: longName) {
        $0.maxUlp = Figure(-.greatestFiniteMagnitude)
        $0.meanUlp = Figure(-.leastNonzeroMagnitude)
        $0.correctlyRounded = Figure(-.greatestFiniteMagnitude)
        $0.bound?.maxRatio = Figure(.leastNonzeroMagnitude)
        $0.nsPerElement = Figure(.leastNonzeroMagnitude)
        $0.length = 128
        $0.mismatches = .max
        $0.mismatchesInDomain = .max
      }
    ])
    for report in [interestingResults, wide].map(TextReport.render) {
      for line in report.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
  }

  @Test("Names cannot break out of the table or reach the terminal")
  func namesAreHarmless() {
    let text = TextReport.render(interestingResults)
    #expect(!text.contains("\u{1B}"))
    let markdown = MarkdownReport.render(interestingResults)
    #expect(!markdown.contains("\u{1B}"))
    // As code or escaped: no tag is one, and no bar ends a cell early.
    let withoutCode = markdown.replacing(/``+ .*? ``+|`[^`]*`/, with: "")
    #expect(!withoutCode.replacing("\\<", with: "").contains("<"))
    let cells = markdown.split(separator: "\n")
      .filter { $0.hasPrefix("|") && $0.contains("evil") && !$0.hasPrefix("| implementation") }
      .map { $0.replacing("\\|", with: "").count { $0 == "|" } }
    #expect(cells == [17, 6, 9])
  }

  @Test("No results give a report all the same")
  func emptyResults() {
    let expected = """

      0 combinations of implementation and format, 0 outputs measured.

      """
    #expect(TextReport.render(results([])) == expected)
    #expect(MarkdownReport.render(results([])).hasPrefix("# How wrong is this softmax?\n"))
  }

  @Test("Counts of a forged file stop at the largest number instead of overflowing")
  func forgedCounts() {
    let forged = row("a", .float32) {
      $0.elements = .max
      $0.lanes = .max
      $0.finitePairs = .max
      $0.mismatches = .max
      $0.mismatchedLanes = .max
      $0.mismatchesInDomain = .max
      $0.undecided = .max
      $0.bound?.outsideDomain = .max
    }
    let results = results([forged, forged])
    #expect(TextReport.render(results).contains(" 18446744073709551615 "))
    #expect(MarkdownReport.render(results).contains("18 446 744 073 709 551 615"))
  }
}
