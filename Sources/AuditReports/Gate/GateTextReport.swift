import AuditRecords
import Basics

/// The verdict of a gate for terminals, 80 columns wide: a table by rules, then what is wrong and
/// how to see it again.
package enum GateTextReport {
  private static let width = 80

  /// The report, with a line break at the end.
  package static func render(_ gate: GateResult) -> String {
    var lines: [String] = []
    for (number, rule) in gate.rules.enumerated() {
      let judgements = gate.judgements.filter { $0.rule == number }
      let exclusion = gate.exclusions.first { $0.rule == number }
      guard !judgements.isEmpty || exclusion != nil else { continue }
      if !lines.isEmpty { lines.append("") }
      lines += "\(gate.policy):\(rule.line)  \(rule.selection)".onOneLine.wrapped(to: width)
      lines += rule.reason.onOneLine.wrapped(to: width - 2).map { "  " + $0 }
      if let exclusion { lines.append("  excluded: \(Self.text(of: exclusion))") }
      for group in judgements.grouped(by: formats) {
        let rows = Self.rows(group)
        guard let first = group.first, !rows.isEmpty else { continue }
        lines.append(line(formats(first), "figure", "budget", "measured", "margin", "verdict"))
        lines += rows
      }
    }
    for group in groups(of: gate.judgements.filter(\.isFailure)) {
      lines += [""] + story(of: group, in: gate)
    }
    lines += vacuity(gate)
    lines += coverage(gate)
    let missing = gate.judgements.filter { $0.verdict == .notMeasured || $0.verdict == .undecided }
    for judgement in missing {
      lines +=
        [""]
        + paragraph(
          "\(judgement.verdict == .undecided ? "undecided" : "not measured"): "
            + "\(name(judgement)), \(subject(judgement)): \(judgement.message ?? "")")
    }
    if !gate.notMeasured.isEmpty { lines.append("") }
    for reason in gate.notMeasured { lines += paragraph("not measured: \(reason)") }
    if !gate.notes.isEmpty { lines.append("") }
    for note in gate.notes { lines += paragraph("note: \(note)") }
    lines += [""] + summary(gate).wrapped(to: width)
    return lines.joined(separator: "\n") + "\n"
  }

  /// The counts, and the verdict as the last word.
  package static func summary(_ gate: GateResult) -> String {
    let judgements = gate.judgements.filter {
      // That nothing mismatches goes without saying.
      $0.subject != PolicyFigure.mismatches.rawValue || $0.verdict != .passed
    }
    func count(_ isLaw: Bool) -> UInt64 { UInt64(judgements.count { $0.isLaw == isLaw }) }
    func count(_ verdicts: LawVerdict...) -> Int {
      judgements.count { verdicts.contains($0.verdict) }
    }
    var parts = [
      "\(FigureText.counted(count(false), "budget")) and \(FigureText.counted(count(true), "law")): "
        + "\(count(.passed)) kept", "\(count(.failed)) broken",
    ]
    if count(.waived) > 0 { parts.append("\(count(.waived)) broken as expected") }
    let missing = count(.notMeasured, .undecided) + gate.notMeasured.count
    if missing > 0 { parts.append("\(missing) not measured") }
    for exclusion in gate.exclusions { parts.append("excluded \(text(of: exclusion))") }
    return parts.joined(separator: ", ") + ". " + verdict(gate)
  }

  static func verdict(_ gate: GateResult) -> String {
    switch gate.verdict {
    case .passed: "The gate passes."
    case .failed: "The gate fails."
    case .notMeasured: "The gate fails: not all of it was measured."
    }
  }

  static func text(of exclusion: GateResult.Exclusion) -> String {
    var parts: [String] = []
    if exclusion.cells > 0 { parts.append(FigureText.counted(exclusion.cells, "cell")) }
    if exclusion.lawScopes > 0 {
      parts.append("the laws of " + FigureText.counted(exclusion.lawScopes, "implementation"))
    }
    return parts.joined(separator: " and ")
  }

  /// The excluded cells, the rule that excludes them, and its reason.
  static func sentence(of exclusion: GateResult.Exclusion, in gate: GateResult) -> String {
    let rule = gate.rules[exclusion.rule]
    return "Excluded \(text(of: exclusion)): \(rule.selection). \(rule.reason)"
  }

  /// The subject of a judgement, in words: `max-ulp`, `max-ulp (subnormal)`, `law axis`.
  static func subject(_ judgement: GateResult.Judgement) -> String {
    if judgement.isLaw { return "law \(judgement.subject)" }
    return judgement.subject + (judgement.regime.map { " (\($0.rawValue))" } ?? "")
  }

  static func name(_ judgement: GateResult.Judgement) -> String {
    "\(judgement.scope.subject) in \(formats(judgement))"
  }

  private static func formats(_ judgement: GateResult.Judgement) -> String {
    judgement.formatPair
  }

  // MARK: The table

  /// One line for each judgement of one pair of formats; those that passed by the same budget share
  /// one, with the tightest of them.
  private static func rows(_ judgements: [GateResult.Judgement]) -> [String] {
    var rows: [String] = []
    for group in judgements.grouped(by: { [$0.isLaw ? "law" : subject($0), $0.budget] }) {
      let isLaw = group[0].isLaw
      let passed = group.filter { $0.verdict == .passed }
      if isLaw {
        for laws in passed.grouped(by: \.implementation) {
          let count = FigureText.counted(UInt64(laws.count), "law")
          rows.append(
            line(laws[0].implementation, count, laws[0].budget, "", "", verdict(.passed)))
        }
      } else if group[0].subject != PolicyFigure.mismatches.rawValue,
        let tightest = passed.min(by: {
          ($0.margin?.value ?? .infinity) < ($1.margin?.value ?? .infinity)
        })
      {
        rows.append(row(tightest, others: passed.count - 1))
      }
      rows += group.filter { $0.verdict != .passed }.map { row($0) }
    }
    return rows
  }

  private static func row(_ judgement: GateResult.Judgement, others: Int = 0) -> String {
    line(
      judgement.implementation, judgement.isLaw ? judgement.subject : subject(judgement),
      judgement.budget,
      measured(judgement), margin(judgement),
      verdict(judgement.verdict), suffix: others > 0 ? " +\(others)" : "")
  }

  /// A figure with its rounding on the safe side.
  ///
  /// Of a law, whether it is broken.
  static func measured(_ judgement: GateResult.Judgement) -> String {
    if judgement.isLaw {
      return [.failed, .waived].contains(judgement.verdict) ? "broken" : ""
    }
    guard let value = judgement.measured?.value else { return "-" }
    guard PolicyFigure(rawValue: judgement.subject)?.descriptor?.range == .share else {
      return FigureText.maximum(value)
    }
    return "\((value * 10_000).rounded(.down) / 10_000)"
  }

  static func margin(_ judgement: GateResult.Judgement) -> String {
    guard let margin = judgement.margin?.value, margin.isFinite else { return "" }
    return FigureText.statistic(margin * 100) + "%"
  }

  static func verdict(_ verdict: LawVerdict) -> String {
    switch verdict {
    case .passed: "passed"
    case .failed: "FAILED"
    case .waived: "expected"
    case .notMeasured: "missing"
    case .undecided: "undecided"
    }
  }

  private static func line(
    _ name: String, _ subject: String, _ budget: String, _ measured: String, _ margin: String,
    _ verdict: String, suffix: String = ""
  ) -> String {
    var right = subject
    for (text, edge) in [(budget, 27), (measured, 36), (margin, 44)] {
      right += text.rightAligned(in: edge - right.count, gap: 1)
    }
    right += "  " + verdict
    let room = max(8, width - 56)
    let fitted = name.onOneLine.cut(to: room - suffix.count) + suffix
    return fitted.leftAligned(in: room + 1) + right
  }

  // MARK: What is wrong

  /// The violations that one fault explains; budgets that are exceeded stand for themselves.
  static func groups(of failures: [GateResult.Judgement]) -> [[GateResult.Judgement]] {
    SharedFault.groups(failures) { judgement in
      // The token of a replay holds the whole case.
      let token = judgement.replay?.split(separator: "--replay ").last.map(String.init)
      let own = "\(subject(judgement)) \(formats(judgement)) \(judgement.line)"
      return SharedFault(
        implementation: judgement.implementation, operation: judgement.operation,
        reason: judgement.message ?? "", witness: judgement.isLaw ? token ?? own : own)
    } law: {
      $0.isLaw ? $0.subject : "\(subject($0)) \(formats($0)) \($0.line)"
    }
  }

  /// The violations of one fault: where the policy has the first, what is wrong, what usually does
  /// that, and how to see it again.
  private static func story(
    of failures: [GateResult.Judgement], in gate: GateResult
  ) -> [String] {
    let judgement = failures[0]
    var lines = paragraph(
      "FAILED \(heading(of: failures)) "
        + "(\(gate.policy):\(judgement.line):\(judgement.column))")
    lines += demands(of: failures).flatMap(indented)
    for detail in details(of: judgement, in: gate) {
      // The command stays on one line, so that it can be copied.
      lines += detail.hasPrefix("replay: ") ? ["  " + detail] : indented(detail)
    }
    return lines
  }

  /// The heading of the violations of one fault: the budget or law, or how many of them, and where.
  static func heading(of failures: [GateResult.Judgement]) -> String {
    "\(subject(of: failures)): \(name(of: failures))"
  }

  /// The budget or law that the violations of one fault are about, or how many of them.
  static func subject(of failures: [GateResult.Judgement]) -> String {
    let subjects = failures.grouped(by: subject).map { subject($0[0]) }
    return subjects.count == 1 ? subjects[0] : "\(subjects.count) demands"
  }

  /// The implementation with all formats in which one fault shows.
  static func name(of failures: [GateResult.Judgement]) -> String {
    let formats = failures.grouped(by: formats).map { Self.formats($0[0]) }
    return "\(failures[0].scope.subject) in \(formats.joined(separator: ", "))"
  }

  /// The budgets and laws that one fault violates, a line each; none where it is one, which the
  /// heading names.
  static func demands(of failures: [GateResult.Judgement]) -> [String] {
    guard failures.grouped(by: subject).count > 1 else { return [] }
    var lines: [String] = []
    let laws = failures.filter(\.isLaw).grouped(by: \.subject).map { $0[0].subject }
    let budgets = failures.filter { !$0.isLaw }.grouped(by: subject).map { subject($0[0]) }
    if !budgets.isEmpty { lines.append("exceeds: \(budgets.joined(separator: ", "))") }
    if !laws.isEmpty {
      let count = FigureText.counted(UInt64(laws.count), "law")
      lines.append("breaks \(count): \(laws.joined(separator: ", "))")
    }
    return lines
  }

  /// The violation, its cause, the command and the reason of the rule, a line each.
  static func details(of judgement: GateResult.Judgement, in gate: GateResult) -> [String] {
    var lines = [judgement.message ?? ""]
    if let cause = judgement.cause { lines.append("cause: \(cause)") }
    if let replay = judgement.replay { lines.append("replay: \(replay)") }
    return lines.map(\.onOneLine)
  }

  /// The faults that get past each budget, where budgets were tried; the same list once for all
  /// implementations of a budget.
  private static func vacuity(_ gate: GateResult) -> [String] {
    var lines: [String] = []
    let tried = gate.judgements.filter { !($0.letsThrough ?? []).isEmpty }
    for group in tried.grouped(by: {
      [
        "\($0.rule)", subject($0), formats($0), ($0.letsThrough ?? []).joined(separator: ","),
        ($0.uncaught ?? []).joined(separator: ","),
      ]
    }) {
      guard let first = group.first, let past = first.letsThrough, let uncaught = first.uncaught
      else { continue }
      let others = group.count > 1 ? " and \(group.count - 1) more" : ""
      let caught = past.filter { !uncaught.contains($0) }
      let place =
        "\(subject(first)) \(first.budget) (\(gate.policy):\(first.line)) on \(name(first))\(others)"
      if lines.isEmpty { lines.append("") }
      if !uncaught.isEmpty {
        lines += paragraph(
          "vacuous: \(place) would let through \(uncaught.joined(separator: ", "))")
      }
      if !caught.isEmpty {
        lines += paragraph(
          "\(place) would let through, and others catch, \(caught.joined(separator: ", "))")
      }
    }
    return lines
  }

  /// The number of faults that each budget was tried on and catches, where they were tried; the
  /// same once for all implementations.
  private static func coverage(_ gate: GateResult) -> [String] {
    let tried = gate.judgements.filter { $0.coverage != nil }
    let groups = tried.grouped { judgement in
      [
        "\(judgement.rule)", subject(judgement), formats(judgement),
        judgement.coverage.map { "\($0.tried) \($0.caught) \($0.longestLane)" } ?? "",
      ]
    }
    let lines = groups.flatMap { group -> [String] in
      guard let first = group.first, let coverage = first.coverage else { return [] }
      let others = group.count > 1 ? " and \(group.count - 1) more" : ""
      let length = FigureText.count(UInt64(coverage.longestLane))
      let lanes =
        coverage.isShort
        ? "only short lanes, of \(length) logits at most: what goes wrong in longer ones is not seen"
        : "lanes of up to \(length) logits"
      return paragraph(
        "coverage: \(subject(first)) \(first.budget) (\(gate.policy):\(first.line)) on "
          + "\(name(first))\(others) catches \(coverage.caught) of \(coverage.tried) faults that were "
          + "tried, in \(lanes)")
    }
    return lines.isEmpty ? [] : [""] + lines
  }

  private static func paragraph(_ text: String) -> [String] { text.onOneLine.wrapped(to: width) }

  private static func indented(_ text: String) -> [String] {
    text.onOneLine.wrapped(to: width - 2).map { "  " + $0 }
  }
}
