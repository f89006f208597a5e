import AuditRecords
import AuditedOperations

/// The findings of searches, as a table for terminals.
package enum SearchText {
  private static let widths = [6, 10, 10, 10, 8, 10]

  /// The table and the witnesses, with a line break at the end.
  package static func render(_ results: SearchResults) -> String {
    var lines: [String] = []
    var heading: String?
    for row in results.searches {
      let title =
        (row.operation == .softmax ? "" : "\(row.operation), ")
        + "\(row.formatPair), \(Self.heading(row.objective))"
      if title != heading {
        if heading != nil { lines.append("") }
        heading = title
        lines.append(title)
        lines.append(
          line("implementation", ["n", "search", "random", "built", "gain", "e/bound"]))
      }
      let unit = row.objective
      lines.append(
        line(
          (row.isFailure ? "! " : "") + row.implementation.onOneLine,
          [
            "\(row.length)", text(row.found, unit), text(row.random, unit),
            text(row.constructed, unit), FigureText.statistic(row.gain),
            FigureText.ratio(row.found?.ratio?.value),
          ]))
    }
    lines.append("")
    let elements = results.searches.reduce(UInt64(0)) { $0 + $1.elements }
    lines.append(
      "\(FigureText.count(elements)) outputs searched, as many sampled from the families of an audit"
    )
    lines.append(
      "(random); built: families that are built against a summation. gain: search / random.")
    for row in results.searches {
      let place = "\(row.implementation) in \(row.formatPair), length \(row.length)".onOneLine
      if let failure = row.failure { lines.append("\(place): \(failure)".onOneLine) }
      if let mismatch = row.mismatch {
        lines.append(
          "\(place): output \(mismatch.index) is \(mismatch.computed), \(reproach(row.operation))")
        if let replay = mismatch.replay { lines.append("  replay: \(replay)") }
      }
      for finding in [row.found, row.random, row.constructed] {
        guard let ratio = finding?.ratio?.value, !(ratio <= 1) else { continue }
        let judge = ExceedanceText(nil).judge(
          row.model ?? MeasurementJudging.undeclared, of: row.operation)
        lines.append(
          "\(place): judged by \(judge): exceeded \(FigureText.ratio(ratio)) times")
        break
      }
      if let count = row.notJudged {
        let lanes = FigureText.counted(count, "lane")
        lines.append("\(place): \(lanes) not judged: \(row.reasonWithoutBound)".onOneLine)
      }
      if let batch = row.found?.batch {
        lines.append("\(place): depends on the batch: \(Self.words(batch))")
      }
      if let replay = row.found?.replay { lines += ["\(place)", "  replay: \(replay)"] }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func words(_ batch: SearchRow.Finding.BatchPlace) -> String {
    "lane \(batch.lane) of 0...\(batch.lanes - 1) of one call; alone it gives other outputs"
  }

  /// One lane with an output that matches nothing, and with its largest error.
  package static func render(replayed row: SearchRow) -> String {
    let mismatch = row.mismatch.map { finding in
      lane(finding) + "output \(finding.index) = \(finding.computed), \(reproach(row.operation))\n"
    }
    return [mismatch, row.found.map(render)].compactMap(\.self).joined(separator: "\n")
  }

  /// The inputs of a lane, with a line break at the end.
  private static func lane(_ finding: SearchRow.Finding) -> String {
    let shown = finding.logits.prefix(8).joined(separator: ", ")
    let more = finding.logits.count > 8 ? ", and \(finding.logits.count - 8) more" : ""
    var text = "logits \(shown)\(more)\n"
    for (name, value) in finding.accompanying?.lines ?? [] { text += "\(name) \(value)\n" }
    return text
  }

  private static func render(_ finding: SearchRow.Finding) -> String {
    var text = lane(finding)
    text += "output \(finding.index) = \(finding.computed), exact \(finding.exact)"
    if let ulp = finding.ulp { text += ", error \(FigureText.maximum(ulp.value)) ulp" }
    if let scaled = finding.scaled {
      text += ", largest scaled error \(FigureText.maximum(scaled.value))"
    }
    if let bound = finding.bound { text += ", bound \(FigureText.statistic(bound.value))" }
    if let ratio = finding.ratio {
      text += ", e/bound of the lane \(FigureText.maximum(ratio.value))"
    }
    if let batch = finding.batch { text += "\ndepends on the batch: \(words(batch))" }
    return text + "\n"
  }

  private static func text(_ finding: SearchRow.Finding?, _ objective: SearchObjective) -> String {
    FigureText.maximum((finding?.figure(objective)?.value).map { abs($0) })
  }

  private static func heading(_ objective: SearchObjective) -> String {
    switch objective {
    case .ulp: "error in ulp"
    case .bound: "error / bound"
    case .scaled: "scaled error"
    }
  }

  /// The clause on an output that has no error.
  private static func reproach(_ operation: AuditedOperation) -> String {
    operation == .softmax
      ? "which is no probability" : "which is no value of \(operation) there"
  }

  private static func line(_ name: String, _ columns: [String]) -> String {
    var figures = ""
    for (column, width) in zip(columns, widths) {
      figures += column.rightAligned(in: width, gap: 1)
    }
    return name.leftAligned(in: 90 - figures.count) + figures
  }
}
