import SoftmaxAudit

/// The results as a table for terminals, 80 columns wide.
public enum TextReport {
  private static let nameWidth = 33

  /// The report, with a line break at the end.
  public static func render(_ results: AuditResults) -> String {
    var lines: [String] = []
    var heading: String?
    for summary in AccuracySummary.summaries(of: results) {
      if summary.heading != heading {
        heading = summary.heading
        if !lines.isEmpty { lines.append("") }
        lines.append(summary.heading)
        lines.append(
          row("implementation", ["max ulp", "mean", "c.r. %", "e/bound", "mismatch", "ns"]))
      }
      lines.append(
        row(
          (summary.isFailure ? "! " : "") + summary.nameWithoutComputingFormat,
          [
            FigureText.maximum(summary.maxUlp), FigureText.statistic(summary.meanUlp),
            FigureText.share(summary.correctlyRounded), FigureText.maximum(summary.maxRatio),
            summary.mismatches == 0 ? "0" : "\(summary.mismatches)",
            FigureText.statistic(summary.nsPerElement),
          ]))
    }
    lines.append("")
    lines += Verdict(results).sentences
    return lines.joined(separator: "\n") + "\n"
  }

  private static let widths = [9, 8, 7, 8, 9, 6]

  private static func row(_ name: String, _ columns: [String]) -> String {
    var line = name.count > nameWidth ? name.prefix(nameWidth - 1) + "…" : Substring(name)
    line += String(repeating: " ", count: max(0, nameWidth - name.count))
    for (column, width) in zip(columns, widths) {
      line += String(repeating: " ", count: max(1, width - column.count)) + column
    }
    return String(line)
  }
}
