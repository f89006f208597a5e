import AuditRecords

/// The verdict of a gate as JUnit XML, which most servers that build and test understand.
///
/// A suite for each implementation and pair of formats, a case for each budget and law. What is
/// exceeded or broken is a failure, what was not measured an error, what is broken as expected is
/// skipped with its reason. There are no times: the same results give the same file.
package enum JUnitReport {
  /// The document, with a line break at the end.
  package static func render(_ gate: GateResult) -> String {
    var suites: [(name: String, cases: [Case])] = []
    for judgement in gate.judgements {
      let name = GateTextReport.name(judgement)
      let one = Case(judgement, in: gate)
      if let place = suites.firstIndex(where: { $0.name == name }) {
        suites[place].cases.append(one)
      } else {
        suites.append((name, [one]))
      }
    }
    let mistakes = (gate.mistakes ?? []).map { mistake in
      let place = "\(gate.policy):\(mistake.line):\(mistake.column)"
      return Case(
        name: "the policy is well formed (\(place))", group: gate.policy,
        outcome: .error(mistake.message, "\(place): \(mistake.message)"))
    }
    let missing = gate.notMeasured.map {
      Case(name: $0, group: gate.policy, outcome: .error("not measured", $0))
    }
    if !mistakes.isEmpty || !missing.isEmpty { suites.append((gate.policy, mistakes + missing)) }
    let all = suites.flatMap(\.cases)
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    lines.append("<testsuites name=\"softmax-audit gate\" \(counts(all))>")
    for suite in suites {
      lines.append(
        "  <testsuite name=\"\(MarkupText.escaped(suite.name))\" \(counts(suite.cases))>")
      lines += suite.cases.flatMap(\.lines)
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func counts(_ cases: [Case]) -> String {
    func count(_ kind: String) -> Int { cases.count { $0.outcome.kind == kind } }
    return
      "tests=\"\(cases.count)\" failures=\"\(count("failure"))\" errors=\"\(count("error"))\" "
      + "skipped=\"\(count("skipped"))\""
  }

  /// A test case.
  private struct Case {
    enum Outcome {
      case passed
      case failure(String, String)
      case error(String, String)
      case skipped(String)

      var kind: String {
        switch self {
        case .passed: "passed"
        case .failure: "failure"
        case .error: "error"
        case .skipped: "skipped"
        }
      }
    }

    var name: String
    var group: String
    var outcome: Outcome

    init(name: String, group: String, outcome: Outcome) {
      (self.name, self.group, self.outcome) = (name, group, outcome)
    }

    init(_ judgement: GateResult.Judgement, in gate: GateResult) {
      let place = "\(gate.policy):\(judgement.line):\(judgement.column)"
      let subject = GateTextReport.subject(judgement)
      name =
        judgement.isLaw
        ? "\(subject) (\(place))" : "\(subject) within \(judgement.budget) (\(place))"
      group = GateTextReport.name(judgement)
      let message = judgement.message ?? ""
      let story = GateTextReport.details(of: judgement, in: gate).joined(separator: "\n")
      switch judgement.verdict {
      case .passed: outcome = .passed
      case .failed: outcome = .failure(message, story)
      case .waived: outcome = .skipped(message)
      case .notMeasured: outcome = .error("not measured: \(message)", story)
      case .undecided: outcome = .error("undecided: \(message)", story)
      }
    }

    var lines: [String] {
      let opening =
        "    <testcase classname=\"\(MarkupText.escaped(group))\" name=\"\(MarkupText.escaped(name))\""
      func element(_ message: String, _ story: String) -> [String] {
        [
          opening + ">",
          "      <\(outcome.kind) type=\"\(outcome.kind)\" message=\"\(MarkupText.escaped(message))\">"
            + story.split(separator: "\n").map { MarkupText.escaped(String($0)) }
            .joined(separator: "\n") + "</\(outcome.kind)>",
          "    </testcase>",
        ]
      }
      switch outcome {
      case .passed: return [opening + "/>"]
      case .failure(let message, let story), .error(let message, let story):
        return element(message, story)
      case .skipped(let reason):
        return [
          opening + ">", "      <skipped message=\"\(MarkupText.escaped(reason))\"/>",
          "    </testcase>",
        ]
      }
    }
  }
}
