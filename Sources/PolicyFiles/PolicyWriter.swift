import AuditRecords
import AuditedOperations
import FloatFormats
import Foundation
import Oracle
import Policies
import SoftmaxVariants

/// Writes policies as YAML that ``PolicyFile`` reads back the same.
package enum PolicyWriter {
  /// The file, with a comment on top.
  ///
  /// - Parameter heading: What the file is, a line of a comment each.
  package static func text(of policy: Policy, heading: [String] = []) -> String {
    var lines = heading.map { "# \($0)" }
    lines.append("schema: \(Policy.currentSchema)")
    lines += settings(policy.defaults)
    lines.append("rules:")
    for rule in policy.rules {
      for (number, line) in keys(of: rule).enumerated() {
        lines.append((number == 0 ? "  - " : "    ") + line)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func keys(of rule: PolicyRule) -> [String] {
    let selector = rule.selector
    var lines: [String] = []
    func list(_ key: String, _ texts: [String]) {
      if texts.count == 1 { lines.append("\(key): \(quoted(texts[0]))") }
      if texts.count > 1 {
        lines.append("\(key): [\(texts.map { quoted($0) }.joined(separator: ", "))]")
      }
    }
    list("implementation", selector.implementations)
    list("format", selector.formats.map(\.rawValue))
    list("output-format", selector.outputFormats.map(\.rawValue))
    list("operation", selector.operations)
    for (key, value) in selector.parameters.entries {
      lines.append("\(key): \(Double(value) == nil ? quoted(value) : value)")
    }
    list("family", selector.families)
    list("length", selector.lengths.map(\.text))
    list("regime", selector.regime.map { [$0.rawValue] } ?? [])
    for budget in rule.budgets { lines.append("\(budget.figure.rawValue): \(budget.limit.text)") }
    if let laws = rule.laws { lines.append("laws: \(quoted(laws.text))") }
    list("expect-failure", rule.expectedFailures.map(\.name))
    if rule.isExclusion { lines.append("exclude: true") }
    lines += settings(rule.settings)
    lines.append("reason: \(quoted(rule.reason))")
    if let provenance = rule.provenance {
      lines.append("provenance:")
      lines.append("  tool: \(quoted(provenance.tool))")
      lines.append("  platform: \(quoted(provenance.platform))")
      lines.append("  seed: \(provenance.seed)")
      if let samples = provenance.samples { lines.append("  samples: \(samples)") }
      let measured = provenance.measured.sorted { $0.key < $1.key }
      lines.append(
        "  measured: {\(measured.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}")
    }
    return lines
  }

  private static func settings(_ settings: PolicySettings) -> [String] {
    var lines: [String] = []
    if let effort = settings.effort { lines.append("effort: \(effort)") }
    if let seed = settings.seed { lines.append("seed: \(seed)") }
    if let samples = settings.samples { lines.append("samples: \(samples)") }
    if let underflow = settings.underflow { lines.append("underflow: \(underflow.rawValue)") }
    if let special = settings.specialLanes {
      lines.append("special-lanes: \(quoted(special.description))")
    }
    if let largest = settings.largestLogit { lines.append("largest-logit: \(largest)") }
    if let declare = settings.declare { lines.append("declare: \(quoted(declare.name))") }
    return lines
  }

  /// A text as it may stand in YAML: without quotes where nothing in it could mean anything else.
  private static func quoted(_ text: String) -> String {
    let isPlain =
      text.first.map { $0.isASCII && $0.isLetter || "<0123456789".contains($0) } == true
      && text.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || "0123456789-_./<=+".unicodeScalars.contains($0))
      }
    let reserved = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    if isPlain, !reserved.contains(text.lowercased()) { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          result += String(format: "\\x%02X", scalar.value)
        } else if (0x80..<0xA0).contains(scalar.value)
          || [0x2028, 0x2029, 0xFEFF].contains(scalar.value)
        {
          result += String(format: "\\u%04X", scalar.value)
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
