import AuditRecords
import AuditedOperations

/// The stage that makes the error of the worst output of each implementation.
struct BlameReport {
  struct Entry {
    let summary: AccuracySummary
    let row: AccuracyRow
    let blame: StageBlame
  }

  let entries: [Entry]

  init(_ summaries: [AccuracySummary]) {
    entries = summaries.compactMap { summary in
      for row in summary.rows {
        guard let blame = row.leadingWitness?.blame else { continue }
        return Entry(summary: summary, row: row, blame: blame)
      }
      return nil
    }
  }

  /// The origin of the figures, in one sentence.
  static let method =
    "Each part is what the error loses where that stage alone is exact and all others err as they did."

  /// The lines for terminals, 80 columns wide; none where nobody asked.
  var lines: [String] {
    guard !entries.isEmpty else { return [] }
    var lines = ["", "Which stage makes the worst error, in ulp"]
    var heading: String?
    for entry in entries {
      if entry.summary.heading != heading {
        heading = entry.summary.heading
        lines += ["", entry.summary.heading.onOneLine]
      }
      let text = "\(entry.summary.shortName): \(entry.blame.words)".onOneLine
      lines += text.wrapped(to: 76).enumerated().map {
        ($0.offset == 0 ? "  " : "    ") + $0.element
      }
    }
    return lines + [""] + Self.method.wrapped(to: 80)
  }
}

extension StageBlame {
  /// The error and its parts, the largest first; what is below a thousandth of the error is summed
  /// up.
  var words: String {
    let whole = "\(FigureText.statistic(ulp.value)) = "
    let origin = isOwn ? "" : "taken for \(model), which errs by "
    if let overflow {
      return "\(isOwn ? "" : "taken for \(model): ")\(overflow.rawValue) overflows"
    }
    let largest = parts.first.map { abs($0.ulp) } ?? 0
    let shown = parts.filter { abs($0.ulp) >= largest / 1000 && $0.ulp != 0 }
    guard !shown.isEmpty else {
      return origin + "\(FigureText.statistic(ulp.value)): no stage errs"
    }
    let hidden = parts.count - shown.count
    let texts = shown.map { "\($0.stage.rawValue) \(FigureText.statistic($0.ulp))" }
    return origin + whole + texts.joined(separator: ", ")
      + (hidden > 0 ? ", \(hidden) \(hidden == 1 ? "other" : "others") below a thousandth" : "")
  }
}
