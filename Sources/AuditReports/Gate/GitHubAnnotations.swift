import AuditRecords

/// The verdict of a gate as workflow commands, by which GitHub Actions writes violations beside the
/// lines of the policy.
package enum GitHubAnnotations {
  /// One line for each violation, and for each thing not measured; empty where there is neither.
  ///
  /// - Parameter policyPath: The path of the policy from the root of its repository; nil for the
  ///   name in the verdict.
  package static func render(_ gate: GateResult, policyPath: String? = nil) -> String {
    let file = policyPath ?? gate.policy
    var lines: [String] = []
    for mistake in gate.mistakes ?? [] {
      lines.append(
        command(
          "error",
          [
            ("file", file), ("line", "\(mistake.line)"), ("col", "\(mistake.column)"),
            ("title", "mistake in the policy"),
          ], mistake.message.onOneLine))
    }
    for judgement in gate.judgements
    where [.failed, .notMeasured, .undecided].contains(judgement.verdict) {
      let what = judgement.verdict == .failed ? "" : "not measured: "
      let title =
        "\(what)\(GateTextReport.subject(judgement)), \(GateTextReport.name(judgement))"
      let text = GateTextReport.details(of: judgement, in: gate).joined(separator: "\n")
      lines.append(
        command(
          "error",
          [
            ("file", file), ("line", "\(judgement.line)"), ("col", "\(judgement.column)"),
            ("title", title),
          ], text))
    }
    for reason in gate.notMeasured {
      lines.append(
        command("error", [("file", file), ("title", "not measured")], reason.onOneLine))
    }
    for note in gate.notes {
      lines.append(
        command("notice", [("file", file), ("title", "softmax-audit gate")], note.onOneLine))
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func command(
    _ name: String, _ properties: [(String, String)], _ text: String
  ) -> String {
    let list = properties.map { "\($0.0)=\(escapedProperty($0.1.onOneLine))" }
    return "::\(name) \(list.joined(separator: ","))::\(escaped(text))"
  }

  /// Text after the last colons: a percent sign and line breaks have codes.
  private static func escaped(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  /// The value of a property, which ends at a comma or a colon.
  private static func escapedProperty(_ text: String) -> String {
    escaped(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}
