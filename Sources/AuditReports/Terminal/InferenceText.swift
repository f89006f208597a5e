import AuditRecords
import AuditedOperations
import FloatFormats

/// The findings about implementations that declare nothing, for terminals: 80 columns wide.
package enum InferenceText {
  private static let width = 80

  /// The text, with a line break at the end.
  package static func render(_ findings: [InferenceFinding]) -> String {
    var lines: [String] = []
    func paragraph(_ text: String, indent: Int) {
      let space = String(repeating: " ", count: indent)
      lines += text.onOneLine.wrapped(to: width - indent - 2).enumerated().map {
        space + ($0.offset == 0 ? "" : "  ") + $0.element
      }
    }
    for finding in findings {
      if !lines.isEmpty { lines.append("") }
      let formats = finding.inputFormat.pairText(with: finding.outputFormat)
      let operation = finding.operation == .softmax ? "" : ", \(finding.operation)"
      paragraph("\(finding.implementation) in \(formats)\(operation)", indent: 0)
      if let reason = finding.notMeasured {
        paragraph("not measured: \(reason)", indent: 2)
        continue
      }
      guard let model = finding.model else {
        paragraph("fits no sound model: \(finding.objection ?? "")", indent: 2)
        if let narrow = finding.narrowVariant {
          paragraph(
            "it adds up in \(finding.inputFormat.rawValue), and its errors are those of that: declare it with "
              + "--declare \(narrow)\(declarations(finding))", indent: 2)
        } else if let unsound = finding.unsound {
          paragraph(
            "its errors are those of \(unsound.words(of: finding.operation)): nothing to take for a budget",
            indent: 2)
        }
        continue
      }
      paragraph("behaves like \(model.words(of: finding.operation))", indent: 2)
      let lanes = FigureText.counted(UInt64(finding.lanes), "lane")
      let longest = FigureText.count(UInt64(finding.longestLane))
      let ratio = FigureText.ratio(finding.ratio?.value)
      let worst =
        finding.operation == .softmax
        ? "the worst comes to \(ratio) of the bound"
        : "beside the last roundings the worst takes \(ratio) of what sums and functions may err"
      paragraph("covers \(lanes) of up to \(longest) logits; \(worst)", indent: 2)
      if let variant = finding.declare {
        paragraph("declare it with --declare \(variant)\(declarations(finding))", indent: 2)
      } else if !declarations(finding).isEmpty {
        paragraph("declare\(declarations(finding))", indent: 2)
      }
      lines.append("  as a tolerance against exact values, and as a budget:")
      let figure = finding.operation == .softmax ? "   max ulp" : "max scaled"
      lines.append("    lanes of up to        rtol        atol  \(figure)")
      for budget in finding.budgets.reversed() {
        lines.append(
          "    " + FigureText.count(UInt64(budget.length)).rightAligned(in: 14, gap: 1)
            + FigureText.maximum(budget.relative.value).rightAligned(in: 12, gap: 1)
            + FigureText.maximum(budget.absolute.value).rightAligned(in: 12, gap: 1)
            + FigureText.maximum((budget.maxUlp ?? budget.maxScaled)?.value).rightAligned(
              in: 12, gap: 1))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The declarations to make beside a model, as options, each with a space before it.
  private static func declarations(_ finding: InferenceFinding) -> String {
    (finding.model?.flushes == true ? " --underflow flush" : "")
      + (finding.specialLanes.map { " --special-lanes \($0)" } ?? "")
  }

  /// The budgets as rules of a policy, with what was seen of special lanes and of underflow as
  /// settings of their own.
  ///
  /// - Parameter largestLogit: The largest magnitude of a finite logit that was asked about; nil
  ///   for any.
  package static func policy(
    _ findings: [InferenceFinding], largestLogit: Double? = nil
  ) -> String? {
    var lines: [String] = []
    for finding in findings {
      guard let model = finding.model else { continue }
      var settings: [String] = []
      if model.flushes { settings.append("    underflow: flush") }
      if let special = finding.specialLanes {
        settings.append("    special-lanes: \(quoted(special))")
      }
      if let largestLogit { settings.append("    largest-logit: \(largestLogit)") }
      if !settings.isEmpty {
        lines += selection(of: finding) + settings
        lines.append(
          "    reason: \"inferred: what it was asked, and what it did below the normal range and in lanes without a softmax\""
        )
      }
      for budget in finding.budgets {
        lines += selection(of: finding) + ["    length: \"<=\(budget.length)\""]
        // The figure is rounded up: a budget in decimal must not be below it.
        if let maxUlp = budget.maxUlp {
          lines += ["    regime: normal", "    max-ulp: \(FigureText.maximum(maxUlp.value))"]
        }
        if let maxScaled = budget.maxScaled {
          lines.append("    max-scaled: \(FigureText.maximum(maxScaled.value))")
        }
        let words = model.words(of: finding.operation)
        lines.append("    reason: \(quoted("inferred: behaves like " + words))")
      }
    }
    guard !lines.isEmpty else { return nil }
    return (["schema: softmax-audit/policy/1", "rules:"] + lines).joined(separator: "\n") + "\n"
  }

  /// The lines of a rule that say what it is about.
  private static func selection(of finding: InferenceFinding) -> [String] {
    var lines = ["  - implementation: \(quoted(finding.implementation))"]
    if finding.operation != .softmax { lines.append("    operation: \(finding.operation)") }
    lines.append("    format: \(finding.inputFormat.rawValue)")
    if finding.outputFormat != finding.inputFormat {
      lines.append("    output-format: \(finding.outputFormat.rawValue)")
    }
    return lines
  }

  /// A text as YAML takes it whatever it holds.
  private static func quoted(_ text: String) -> String {
    "\"" + text.onOneLine.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
