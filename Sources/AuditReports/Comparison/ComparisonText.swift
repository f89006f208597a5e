import AuditRecords

/// A comparison for terminals, 80 columns wide.
package enum ComparisonText {
  private static let width = 80

  /// The text, with a line break at the end.
  package static func render(_ comparison: ResultsComparison) -> String {
    var lines: [String] = []
    for (label, origin) in [("before", comparison.before), ("after ", comparison.after)] {
      lines += paragraph("\(label)  ", origin.name, then: "        ")
      lines += paragraph(
        "        ",
        "\(origin.tool.name) \(origin.tool.version), \(origin.platform), \(origin.processor), seed \(origin.seed)",
        then: "        ")
    }
    let groups = ComparisonGroups(comparison)
    for part in groups.parts {
      lines += ["", part.title]
      for softmax in part.softmaxes {
        lines += paragraph("  ", softmax.name, then: "  ")
        for line in softmax.lines { lines += paragraph("    ", line, then: "      ") }
      }
    }
    lines.append("")
    for sentence in groups.sentences + comparison.remarks { lines += paragraph("", sentence) }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func paragraph(
    _ first: String, _ text: String, then rest: String = ""
  ) -> [String] {
    text.onOneLine.wrapped(to: width - max(first.count, rest.count)).enumerated().map {
      ($0.offset == 0 ? first : rest) + $0.element
    }
  }
}
