import SoftmaxAudit

/// The results as a table for terminals, 80 columns wide.
public enum TextReport {
  private static let width = 80

  /// The report, with a line break at the end.
  public static func render(_ results: AuditResults) -> String { render(ReportSources(results)) }

  /// The report on one results file, or on several side by side, with a line break at the end.
  public static func render(_ sources: ReportSources) -> String {
    var lines: [String] = []
    var heading: String?
    for (label, source) in sources.labelled {
      guard let label else { continue }
      let results = source.results
      lines.append("\(label)  \(source.name)".onOneLine.cut(to: width))
      let origin =
        "\(results.tool.name) \(results.tool.version), \(results.environment.platform), "
        + "\(results.environment.processor), seed \(results.seed)"
      lines += origin.onOneLine.wrapped(to: width - 3).map { "   " + $0 }
    }
    for summary in AccuracySummary.summaries(of: sources) {
      if summary.heading != heading {
        heading = summary.heading
        if !lines.isEmpty { lines.append("") }
        lines.append(summary.heading.onOneLine.cut(to: width))
        lines.append(
          row("implementation", ["max ulp", "mean", "c.r. %", "e/bound", "mismatch", "ns"]))
      }
      lines.append(
        row(
          (summary.isFailure ? "! " : "") + summary.shortName.onOneLine,
          [
            FigureText.maximum(summary.maxUlp), FigureText.statistic(summary.meanUlp),
            FigureText.share(summary.correctlyRounded), FigureText.ratio(summary.maxRatio),
            "\(summary.mismatches)", FigureText.statistic(summary.nsPerElement),
          ]))
    }
    for (label, source) in sources.labelled {
      lines.append("")
      if let label { lines.append("\(label)") }
      lines += Verdict(source.results).sentences.flatMap { $0.onOneLine.wrapped(to: width) }
    }
    lines += BlameReport(AccuracySummary.summaries(of: sources)).lines
    lines += ElsewhereText.lines(AccuracySummary.summaries(of: sources))
    if sources.count > 1 {
      let remarks = SideBySide.remarks(sources)
      if !remarks.isEmpty { lines += [""] + remarks.flatMap { $0.wrapped(to: width) } }
    }
    for (label, source) in sources.labelled where !source.results.properties.isEmpty {
      let laws = LawTextReport.render(source.results.properties).split(
        separator: "\n", omittingEmptySubsequences: false
      ).map(String.init)
      lines += [""] + (label.map { [$0] } ?? []) + laws.dropLast()
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static let columnWidths = [9, 8, 7, 8, 9, 6]

  /// Columns keep their right edges; one that is too wide takes from its neighbours, all together from the name.
  private static func row(_ name: String, _ columns: [String]) -> String {
    var figures = ""
    var edge = 0
    for (column, width) in zip(columns, columnWidths) {
      edge += width
      figures += column.rightAligned(in: edge - figures.count, gap: 1)
    }
    return name.leftAligned(in: width - figures.count) + figures
  }
}
