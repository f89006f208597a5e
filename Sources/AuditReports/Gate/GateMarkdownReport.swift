import AuditRecords

/// The verdict of a gate in Markdown: the summary of a workflow, or a comment on a change.
package enum GateMarkdownReport {
  /// The number of violations that are told; servers cut long pages.
  private static let shown = 50

  /// The page, with a line break at the end.
  package static func render(_ gate: GateResult) -> String {
    let escaped = MarkdownText.escaped
    let code = { (text: String) in MarkdownText.code(text) }
    let title =
      switch gate.verdict {
      case .passed: "passed"
      case .failed: "failed"
      case .notMeasured: "not measured"
      }
    var page = ["## softmax-audit gate: \(title)", "", escaped(GateTextReport.summary(gate)), ""]
    for mistake in gate.mistakes ?? [] {
      page.append(
        "* \(code("\(gate.policy):\(mistake.line):\(mistake.column)")) \(escaped(mistake.message))")
    }
    if gate.mistakes != nil { page.append("") }
    page += [
      "| rule | implementation | figure | budget | measured | margin | verdict |",
      "|---|---|---|--:|--:|--:|---|",
    ]
    let told = gate.judgements.filter { $0.verdict != .passed }
    for judgement in told.prefix(shown) { page.append(row(judgement, gate)) }
    // What passed takes a line for each rule and subject: the tightest.
    for (number, rule) in gate.rules.enumerated() {
      let passed = gate.judgements.filter {
        $0.rule == number && $0.verdict == .passed
          && $0.subject != PolicyFigure.mismatches.rawValue
      }
      let laws = passed.filter(\.isLaw)
      if !laws.isEmpty {
        page.append(
          "| \(code("\(gate.policy):\(rule.line)")) | \(escaped(rule.selection)) | "
            + "\(FigureText.counted(UInt64(laws.count), "law")) | kept | | | passed |")
      }
      var seen = Set<String>()
      for judgement in passed where !judgement.isLaw {
        let key = GateTextReport.subject(judgement) + judgement.formatPair
        guard seen.insert(key).inserted else { continue }
        let alike = passed.filter {
          !$0.isLaw
            && GateTextReport.subject($0) + $0.formatPair == key
        }
        if let tightest = alike.min(by: {
          ($0.margin?.value ?? .infinity) < ($1.margin?.value ?? .infinity)
        }) {
          page.append(row(tightest, gate, others: alike.count - 1))
        }
      }
    }
    if told.count > shown {
      page += ["", "\(told.count - shown) more are in the results."]
    }
    for group in GateTextReport.groups(of: told.filter(\.isFailure)).prefix(shown) {
      let judgement = group[0]
      page += ["", "### \(escaped(GateTextReport.heading(of: group)))", ""]
      for line in GateTextReport.demands(of: group) { page += [escaped(line), ""] }
      page.append(
        "\(code("\(gate.policy):\(judgement.line):\(judgement.column)")) \(escaped(judgement.message ?? ""))"
      )
      if let cause = judgement.cause { page += ["", "Cause: \(escaped(cause))"] }
      if let replay = judgement.replay { page += ["", "    " + replay.onOneLine] }
    }
    for exclusion in gate.exclusions {
      page += ["", escaped(GateTextReport.sentence(of: exclusion, in: gate))]
    }
    if !gate.notMeasured.isEmpty { page.append("") }
    page += gate.notMeasured.map { "* Not measured: \(escaped($0))" }
    if !gate.notes.isEmpty { page.append("") }
    page += gate.notes.map { "* \(escaped($0))" }
    return page.joined(separator: "\n") + "\n"
  }

  private static func row(
    _ judgement: GateResult.Judgement, _ gate: GateResult, others: Int = 0
  ) -> String {
    let cells = [
      MarkdownText.code("\(gate.policy):\(judgement.line)"),
      MarkdownText.code(GateTextReport.name(judgement))
        + (others > 0 ? " and \(others) more" : ""),
      MarkdownText.escaped(GateTextReport.subject(judgement)),
      MarkdownText.escaped(judgement.budget),
      GateTextReport.measured(judgement), GateTextReport.margin(judgement),
      judgement.isFailure ? "**failed**" : GateTextReport.verdict(judgement.verdict),
    ]
    return "| " + cells.joined(separator: " | ") + " |"
  }
}
