import AuditRecords
import AuditedOperations
import Basics
import FloatFormats

/// The outcome of a check for terminals, 80 columns wide: a table, then each failure with its
/// witnesses.
package enum LawTextReport {
  private static let width = 80
  /// The number of elements of a witness that are shown.
  private static let shownElements = 12

  /// The report, with a line break at the end.
  ///
  /// - Parameters:
  ///   - failuresShown: How many faults are told at length; the others are in the table and in the
  ///     JSON.
  ///   - isReplay: Whether the rows are of one case that somebody shows again: it says nothing of
  ///     others.
  package static func render(
    _ rows: [PropertyRow], failuresShown: Int = 8, isReplay: Bool = false
  ) -> String {
    var lines = table(rows)
    let failures = rows.filter { $0.verdict == .failed }
    let groups = groups(of: failures)
    for group in groups.prefix(failuresShown) { lines += [""] + story(of: group) }
    let left = groups.dropFirst(failuresShown).reduce(0) { $0 + $1.count }
    if left > 0 {
      let more = FigureText.counted(UInt64(left), "more failure")
      lines += ["", "\(more): in the table above, and with witnesses in the JSON."]
    }
    for row in rows where row.verdict == .waived {
      lines += [""] + "\(name(of: row)): \(row.law) \(row.reason ?? "")".wrapped(to: width)
    }
    lines += open(rows)
    if !isReplay, let advice = largestLogitAdvice(failures) {
      lines += [""] + advice.wrapped(to: width)
    }
    lines += [""] + summary(rows).wrapped(to: width)
    return lines.joined(separator: "\n") + "\n"
  }

  /// The laws that were not measured or stayed undecided, those of one reason together.
  private static func open(_ rows: [PropertyRow]) -> [String] {
    let open = rows.filter { $0.verdict == .notMeasured || $0.verdict == .undecided }
    let groups = open.grouped { [name(of: $0), $0.verdict.rawValue, $0.reason ?? ""] }
    return groups.flatMap { rows in
      let laws = rows.map(\.law).joined(separator: ", ")
      let words =
        "\(rows.count == 1 ? "was" : "were") "
        + (rows[0].verdict == .undecided ? "undecided" : "not measured")
      return [""]
        + "\(name(of: rows[0])): \(laws) \(words): \(rows[0].reason ?? "")".wrapped(to: width)
    }
  }

  /// The least largest magnitude of the witnesses' logits from which on users may promise less.
  private static let farLogit = 1000.0

  /// That the range of logits can be promised; nil unless every witness has a logit so large that
  /// few models have one.
  private static func largestLogitAdvice(_ failures: [PropertyRow]) -> String? {
    var least = Double.infinity
    for row in failures {
      guard let witness = row.counterexample, witness.elided == nil else { return nil }
      let magnitudes = witness.logits.compactMap { Double(text: $0).map(abs) }.filter(\.isFinite)
      guard let largest = magnitudes.max(), largest >= farLogit else { return nil }
      least = min(least, largest)
    }
    guard least < .infinity else { return nil }
    return
      "Every witness has a logit of \(least) or more in magnitude: where yours stay below that, --largest-logit asks about no larger ones."
  }

  /// The failures that one fault explains.
  private static func groups(of failures: [PropertyRow]) -> [[PropertyRow]] {
    SharedFault.groups(failures) { row in
      let witness = row.counterexample.map { "\($0.shape) \($0.axis) \($0.logits)" }
      return SharedFault(
        implementation: row.implementation, operation: row.operation, reason: row.reason ?? "",
        // A failure without a witness is its own.
        witness: witness ?? "\(row.law) \(row.formatPair)")
    } law: {
      $0.law
    }
  }

  /// The failures of one fault: the laws, what is wrong, what is tolerated and why, the witnesses
  /// of the first of them, and how to see it again.
  private static func story(of failures: [PropertyRow]) -> [String] {
    let row = failures[0]
    let laws = failures.grouped(by: \.law).map { $0[0].law }
    let formats = failures.map(\.formatPair).uniqued()
    let subject = "\(row.subject) in \(formats.joined(separator: ", "))"
    var lines = "FAILED \(laws.count == 1 ? laws[0] : "\(laws.count) laws"): \(subject)".onOneLine
      .wrapped(to: width)
    func paragraph(_ label: String, _ text: String) {
      let indent = "  "
      let wrapped = "\(label)\(text)".onOneLine.wrapped(to: width - indent.count)
      lines += wrapped.map { indent + $0 }
    }
    if laws.count == 1 {
      paragraph("", row.statement)
    } else {
      paragraph("breaks \(laws.count) laws: ", laws.joined(separator: ", "))
    }
    paragraph("wrong: ", row.reason ?? "")
    if laws.count == 1 { paragraph("tolerated: ", row.tolerance) }
    if let cause = row.cause { paragraph("", cause) }
    if let witness = row.counterexample {
      lines += witnessLines("simplest witness", witness, of: row.operation)
    }
    if let worst = row.worst, worst.digest != row.counterexample?.digest {
      lines += witnessLines("worst witness", worst, of: row.operation)
    }
    if let log = row.callLog {
      lines.append("  the calls before it, the latest last:")
      lines += log.suffix(shownElements).map { "    " + $0.onOneLine }
    }
    return lines
  }

  private static func witnessLines(
    _ title: String, _ witness: PropertyRow.Counterexample, of operation: AuditedOperation
  ) -> [String] {
    // An attention has its inputs above, and outputs alone in columns; of lanes that give one
    // number each, no logit belongs to one.
    let isOfAttention = witness.accompanying?.query != nil
    let isOfLanes = operation.output.extent == .one && witness.computed.count > 1
    let hasLogits = !isOfAttention && !isOfLanes
    let count = hasLogits ? witness.logits.count : witness.computed.count
    let all = hasLogits ? witness.elementCount : count
    var heading = "  \(title): shape \(witness.shape), axis \(witness.axis)"
    if let severity = witness.severity {
      heading += ", \(FigureText.ratio(severity.value)) times what is tolerated"
    }
    var lines = [heading]
    for (name, text) in witness.accompanying?.lines ?? [] {
      lines += "\(name): \(text)".wrapped(to: width - 4).map { "    " + $0 }
    }
    if count > 0 {
      let heading = hasLogits ? "logit" : isOfLanes ? "output of lane" : "output"
      lines.append("    " + columns(heading, "computed", "exact"))
    }
    func elementLine(_ index: Int) -> String {
      Self.elementLine(witness, index, hasLogits: hasLogits)
    }
    // What is wrong may stand behind much that is right.
    let wrong = (0..<count).first { isFarOff(witness, $0) } ?? 0
    var shown = wrong < shownElements ? 0 : wrong
    if shown > 0 { lines.append("    ... \(shown) before") }
    var rows = 0
    while shown < count, rows < shownElements {
      let line = elementLine(shown)
      var end = shown + 1
      while end < count, elementLine(end) == line { end += 1 }
      // Long runs of one logit are what structured lanes are made of.
      lines.append("    " + line + (end - shown > 1 ? " (\(end - shown) times)" : ""))
      shown = end
      rows += 1
    }
    if all > shown { lines.append("    ... \(all - shown) more; digest \(witness.digest)") }
    if witness.failure != "", title != "simplest witness" {
      lines += witness.failure.onOneLine.wrapped(to: width - 4).map { "    " + $0 }
    }
    // The command stays on one line, so that it can be copied.
    lines.append("    replay: \(witness.replay.onOneLine)")
    return lines
  }

  /// Whether an output has less than three digits of its exact value.
  private static func isFarOff(_ witness: PropertyRow.Counterexample, _ index: Int) -> Bool {
    guard index < witness.computed.count, index < witness.expected.count,
      let computed = Double(text: witness.computed[index]),
      let exact = Double(text: witness.expected[index])
    else { return false }
    return !(abs(computed - exact) <= 1e-3 * abs(exact)) && computed != exact
  }

  private static func elementLine(
    _ witness: PropertyRow.Counterexample, _ index: Int, hasLogits: Bool
  ) -> String {
    columns(
      hasLogits && index < witness.logits.count ? value(witness.logits[index]) : "\(index)",
      index < witness.computed.count ? witness.computed[index] : "",
      index < witness.expected.count ? witness.expected[index] : "")
      + (witness.irrelevant.contains(index) ? " (any)" : "")
  }

  private static func columns(_ a: String, _ b: String, _ c: String) -> String {
    let cells = [(a, 32), (b, 22)].map { text, width in
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    return cells.joined() + c
  }

  /// A number in hexadecimal with the decimal beside it.
  private static func value(_ text: String) -> String {
    guard let number = Double(text: text), number.isFinite else { return text }
    return "\(text) (\(number))"
  }

  private static func name(of row: PropertyRow) -> String {
    "\(row.subject) in \(row.formatPair)"
  }

  private static func table(_ rows: [PropertyRow]) -> [String] {
    var order: [String] = []
    var groups: [String: [PropertyRow]] = [:]
    for row in rows {
      let key = name(of: row)
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(row)
    }
    var lines = [line("implementation", "laws kept", "failed")]
    for key in order {
      let group = groups[key] ?? []
      let failed = group.filter { $0.verdict == .failed }.map(\.law)
      let judged = group.filter { $0.verdict != .notMeasured && $0.verdict != .undecided }
      let kept = judged.filter { $0.verdict == .passed }.count
      let list = failed.isEmpty ? "-" : failed.joined(separator: ", ")
      let wrapped = list.wrapped(to: 26)
      lines.append(
        line((failed.isEmpty ? "" : "! ") + key.onOneLine, "\(kept)/\(judged.count)", wrapped[0]))
      lines += wrapped.dropFirst().map { line("", "", $0) }
    }
    return lines
  }

  private static func line(_ name: String, _ kept: String, _ failed: String) -> String {
    name.leftAligned(in: 43) + kept.rightAligned(in: 9) + "  " + failed
  }

  private static func summary(_ rows: [PropertyRow]) -> String {
    func count(_ verdict: LawVerdict) -> Int { rows.count { $0.verdict == verdict } }
    let cases = rows.reduce(UInt64(0)) { $0.addingCapped($1.cases) }
    var parts = [
      "\(FigureText.counted(UInt64(rows.count), "law", "laws on implementations and formats")), "
        + "\(FigureText.counted(cases, "case")): \(count(.passed)) kept",
      "\(count(.failed)) broken",
    ]
    if count(.waived) > 0 { parts.append("\(count(.waived)) waived") }
    if count(.notMeasured) > 0 { parts.append("\(count(.notMeasured)) not measured") }
    if count(.undecided) > 0 { parts.append("\(count(.undecided)) undecided") }
    return parts.joined(separator: ", ") + "."
  }
}
