import AuditRecords

/// The table of tolerances in use elsewhere for terminals, 80 columns wide.
enum ElsewhereText {
  private static let width = 80
  private static let columnWidth = 6
  private static let verdictWidth = 9

  /// The lines; none where nobody asked for the table.
  static func lines(_ summaries: [AccuracySummary]) -> [String] {
    guard let table = ElsewhereTable(summaries) else { return [] }
    var lines = ["", "Would it pass elsewhere?"]
    var heading: String?
    for row in table.rows {
      // Columns that no row under the heading has would only be dashes.
      let shown = table.tolerances.indices.filter { index in
        table.rows.contains {
          $0.summary.heading == row.summary.heading && $0.answers[index] != .notCovered
        }
      }
      if row.summary.heading != heading {
        heading = row.summary.heading
        lines.append("")
        lines.append(
          line(
            row.summary.heading, shown.map { table.tolerances[$0].label }, "here"))
      }
      lines.append(
        line(row.summary.shortName, shown.map { row.answers[$0].word }, row.verdict.word))
    }
    lines.append("")
    lines +=
      ("yes: every output of every cell measured is accepted, the exact value being the reference. "
      + "here: the bound of the declared model and the mismatches. "
      + table.tolerances.map { "\($0.label): \($0.name)" }.joined(separator: ", ") + ".").wrapped(
        to: width)
    lines += table.sentences.flatMap { $0.onOneLine.wrapped(to: width) }
    return lines
  }

  private static func line(_ name: String, _ answers: [String], _ verdict: String) -> String {
    let figures =
      answers.map { $0.rightAligned(in: columnWidth, gap: 1) }.joined()
      + verdict.rightAligned(in: verdictWidth, gap: 1)
    return name.onOneLine.leftAligned(in: width - figures.count) + figures
  }
}
