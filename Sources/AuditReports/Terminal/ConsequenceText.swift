import AuditRecords
import Basics

/// The table of what errors cost for terminals, 80 columns wide.
enum ConsequenceText {
  private static let width = 80
  private static let columnWidths = [10, 10, 6, 6, 6, 7, 7, 8]

  /// The lines; none where nobody asked for the table.
  static func lines(_ summaries: [AccuracySummary]) -> [String] {
    guard let table = ConsequenceTable(summaries) else { return [] }
    var lines = ["", "What the errors cost"]
    var heading: String?
    for summary in table.summaries {
      if summary.heading != heading {
        heading = summary.heading
        lines += ["", line(summary.heading, ConsequenceTable.columns.map(\.label))]
      }
      lines.append(line(summary.shortName, ConsequenceTable.columns.map { $0.text(summary) }))
    }
    return lines + [""] + ConsequenceTable.explanation.wrapped(to: width)
  }

  private static func line(_ name: String, _ cells: [String]) -> String {
    let figures = zip(cells, columnWidths).map { $0.rightAligned(in: $1, gap: 1) }.joined()
    return name.onOneLine.leftAligned(in: width - figures.count) + figures
  }
}
