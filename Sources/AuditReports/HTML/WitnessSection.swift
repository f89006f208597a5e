import FloatFormats
import SoftmaxAudit

/// The lane on which each implementation errs most, ready to be checked by anybody.
enum WitnessSection {
  /// How many logits of a witness are shown.
  private static let shownLogits = 16

  static func views(_ sources: ReportSources) -> [HTMLReport.View] {
    let found = sources.labelled.flatMap { label, source in
      AccuracySummary.summaries(of: source.results).compactMap { summary in
        summary.worstRow.map { row -> (AccuracySummary, AccuracyRow, AuditResults) in
          var summary = summary
          summary.sourceLabel = label
          return (summary, row, source.results)
        }
      }
    }
    let ordered = found.enumerated().sorted {
      let (a, b) = (error($0.element.1), error($1.element.1))
      return a == b ? $0.offset < $1.offset : a > b
    }
    return ordered.enumerated().compactMap { place, entry in
      view(entry.element.0, entry.element.1, of: entry.element.2, isOpen: place == 0)
    }
  }

  private static func error(_ row: AccuracyRow) -> Double {
    let value = row.maxUlp?.value ?? 0
    return value.isNaN ? .infinity : value
  }

  private static func view(
    _ summary: AccuracySummary, _ row: AccuracyRow, of results: AuditResults, isOpen: Bool
  ) -> HTMLReport.View? {
    guard let worst = row.worst else { return nil }
    let shown = worst.logits.prefix(shownLogits)
    let left = worst.logits.count - shown.count
    var view: HTMLReport.View = [
      "name": summary.named(summary.implementation), "formats": summary.formatPair,
      "pair": summary.formatPair, "algorithm": summary.algorithm, "isOpen": isOpen,
      "family": row.family, "length": "\(row.length)",
      "ulp": FigureText.maximum(abs(worst.ulp.value)),
      "signedUlp": FigureText.maximum(worst.ulp.value),
      "computed": worst.computed, "exact": worst.exact, "index": "\(worst.index)",
      "sample": "\(worst.sample)",
      "logits": shown.enumerated().map { index, text -> HTMLReport.View in
        var logit: HTMLReport.View = [
          "hex": text, "separator": index + 1 < shown.count ? ", " : "",
        ]
        if let decimal = decimal(text) { logit["decimal"] = [["decimal": decimal]] }
        return logit
      },
      "commands": [
        ReplayCommand.reference(row),
        ReplayCommand.audit(row, seed: results.seed) ?? results.command,
      ].compactMap { $0.map { ["command": [["command": $0]]] } },
    ]
    if let decimal = decimal(worst.computed) {
      view["computedDecimal"] = [["computedDecimal": decimal]]
    }
    if let bound = worst.bound {
      view["bound"] = [["bound": FigureText.maximum(bound.value)]]
    }
    if let blame = worst.blame {
      view["blame"] = [
        ["blame": blame.words, "method": blame.overflow == nil ? BlameReport.method : ""]
      ]
    }
    let elided = UInt64(max(0, worst.elided)).addingCapped(UInt64(left))
    if elided > 0 { view["elided"] = [["elided": FigureText.count(elided)]] }
    return view
  }

  /// A number in hexadecimal as the shortest decimal that means it in binary64; nil where the text is no such number.
  static func decimal(_ text: String) -> String? {
    guard text.contains("0x"), let number = Double(text: text), number.isFinite else { return nil }
    return "\(number)"
  }
}
