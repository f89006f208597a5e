import AuditRecords

/// A comparison as Markdown, fit for a comment on a pull request: the verdict first, details folded
/// away.
package enum ComparisonMarkdown {
  /// The number of softmaxes that a part names before it says how many more there are.
  private static let shown = 20

  /// The Markdown, with a line break at the end.
  package static func render(_ comparison: ResultsComparison) -> String {
    let groups = ComparisonGroups(comparison)
    var lines = ["### \(title(comparison.outcome))", ""]
    lines += groups.sentences.map { "* \(MarkdownText.escaped($0))" }
    lines += comparison.remarks.map { "* \(MarkdownText.escaped($0))" }
    for part in groups.parts {
      lines += ["", "<details\(isOpen(part) ? " open" : "")>"]
      let count = FigureText.counted(UInt64(part.softmaxes.count), "softmax", "softmaxes")
      lines += ["<summary><b>\(part.title)</b>: \(count)</summary>", ""]
      for softmax in part.softmaxes.prefix(shown) {
        lines.append("* **\(MarkdownText.escaped(softmax.name))**")
        lines += softmax.lines.map { "  * \(MarkdownText.escaped($0))" }
      }
      let more = part.softmaxes.count - shown
      if more > 0 { lines.append("* and \(more) more: `softmax-audit compare` names them all") }
      lines += ["", "</details>"]
    }
    lines += [
      "", "| | file | made by | platform | processor | seed |", "|---|---|---|---|---|---|",
    ]
    for (label, origin) in [("before", comparison.before), ("after", comparison.after)] {
      let cells = [
        origin.name, "\(origin.tool.name) \(origin.tool.version)", origin.platform,
        origin.processor, "\(origin.seed)",
      ]
      lines.append("| \(label) | \(cells.map(MarkdownText.escaped).joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func title(_ outcome: ResultsComparison.Outcome) -> String {
    switch outcome {
    case .worse: "❌ Softmax accuracy got worse"
    case .notMeasured: "⚠️ Not all is measured that was"
    case .notWorse: "✅ Softmax accuracy did not get worse"
    }
  }

  private static func isOpen(_ part: ComparisonGroups.Part) -> Bool {
    part.title == "Worse" || part.title == "Not measured any more"
  }
}
