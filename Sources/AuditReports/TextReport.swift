import SoftmaxAudit

/// The results as a table for terminals, 80 columns wide.
public enum TextReport {
  private static let width = 80

  /// The report, with a line break at the end.
  public static func render(_ results: AuditResults) -> String {
    var lines: [String] = []
    var heading: String?
    for summary in AccuracySummary.summaries(of: results) {
      if summary.heading != heading {
        heading = summary.heading
        if !lines.isEmpty { lines.append("") }
        lines.append(fitted(summary.heading.onOneLine, to: width))
        lines.append(
          row("implementation", ["max ulp", "mean", "c.r. %", "e/bound", "mismatch", "ns"]))
      }
      lines.append(
        row(
          (summary.isFailure ? "! " : "") + summary.nameWithoutComputingFormat.onOneLine,
          [
            FigureText.maximum(summary.maxUlp), FigureText.statistic(summary.meanUlp),
            FigureText.share(summary.correctlyRounded), FigureText.maximum(summary.maxRatio),
            "\(summary.mismatches)", FigureText.statistic(summary.nsPerElement),
          ]))
    }
    lines.append("")
    lines += Verdict(results).sentences.flatMap { $0.onOneLine.wrapped(to: width) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static let columnWidths = [9, 8, 7, 8, 9, 6]

  /// Columns keep their right edges; one that is too wide takes from its neighbours, all together from the name.
  private static func row(_ name: String, _ columns: [String]) -> String {
    var figures = ""
    var edge = 0
    for (column, width) in zip(columns, columnWidths) {
      edge += width
      let gap = max(1, edge - figures.count - column.count)
      figures += String(repeating: " ", count: gap) + column
    }
    let room = width - figures.count
    let name = fitted(name, to: room)
    return name + String(repeating: " ", count: room - name.count) + figures
  }

  private static func fitted(_ text: String, to width: Int) -> String {
    text.count > width ? text.prefix(width - 1) + "…" : text
  }
}
