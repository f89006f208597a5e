import AuditRecords
import Basics

/// The results as a table for terminals, 80 columns wide.
package enum TextReport {
  private static let width = 80

  /// The report, with a line break at the end.
  package static func render(_ results: AuditResults) -> String { render(ReportSources(results)) }

  /// The report on one results file, or on several side by side, with a line break at the end.
  package static func render(_ sources: ReportSources) -> String {
    var lines: [String] = []
    var heading: String?
    for (label, source) in sources.labelledFiles where sources.count > 1 {
      let results = source.results
      lines.append("\(label ?? "*")  \(source.name)".onOneLine.cut(to: width))
      let origin =
        "\(results.tool.name) \(results.tool.version), \(results.environment.platform), "
        + "\(results.environment.processor), seed \(results.seed)"
      lines += origin.onOneLine.wrapped(to: width - 3).map { "   " + $0 }
    }
    let summaries = AccuracySummary.summaries(of: sources)
    var leading = FigureDescriptor.maxUlp
    var legends: [String] = []
    for summary in summaries {
      if summary.heading != heading {
        heading = summary.heading
        leading = summaries.filter { $0.heading == summary.heading }.leading
        legends.append(leading.legend)
        if !lines.isEmpty { lines.append("") }
        lines.append(summary.heading.onOneLine.cut(to: width))
        lines.append(
          row(
            "implementation", [leading.heading, "ordinary", "c.r. %", "e/bound", "mismatch", "ns"]))
      }
      lines.append(
        row(
          (summary.standing == .failed ? "! " : "") + summary.shortName.onOneLine,
          [
            FigureText.maximum(summary[leading]), FigureText.maximum(summary.ordinary[leading]),
            FigureText.share(summary.correctlyRounded), FigureText.ratio(summary.maxRatio),
            "\(summary.mismatches)", FigureText.statistic(summary.nsPerElement),
          ]))
      lines += remarks(summary).flatMap { $0.onOneLine.wrapped(to: width - 4).map { "    " + $0 } }
    }
    if heading != nil {
      lines += (legends.uniqued() + [explanation]).joined(separator: "; ").wrapped(to: width)
    }
    lines += scarcities(summaries).flatMap {
      $0.onOneLine.wrapped(to: width)
    }
    for (label, _, verdict) in sources.verdicts {
      lines.append("")
      if let label { lines.append("\(label)") }
      lines += verdict.sentences.flatMap { $0.onOneLine.wrapped(to: width) }
    }
    lines += BlameReport(summaries).lines
    lines += ConsequenceText.lines(summaries)
    lines += ElsewhereText.lines(summaries)
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

  /// The meanings of the columns of the table.
  private static let explanation =
    "ordinary: the same on logits of every day; c.r.: correctly rounded; e/bound: largest part of a bound; ns: nanoseconds an output"

  /// The place of the largest error, and the cells that it says nothing of.
  private static func remarks(_ summary: AccuracySummary) -> [String] {
    guard summary.rows.count > 1, let row = summary.worstOfLeading?.row else { return [] }
    return ["largest on \(row.family), length \(row.length)"]
  }

  /// That maxima rest on few outputs, once for all implementations of which it says the same.
  private static func scarcities(_ summaries: [AccuracySummary]) -> [String] {
    summaries.filter { $0.scarcity != nil }.grouped {
      [$0.formatPair, $0.scarcity ?? ""]
    }.map { group in
      let more = group.count > 1 ? " and \(group.count - 1) more" : ""
      return "\(group[0].shortName)\(more) in \(group[0].formatPair): \(group[0].scarcity ?? "")."
    }
  }

  private static let columnWidths = [9, 9, 7, 8, 9, 6]

  /// Columns keep their right edges; one that is too wide takes from its neighbours, all together
  /// from the name.
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
