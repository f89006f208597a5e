import AuditRecords
import Basics
import Foundation

/// The verdict of a gate as SARIF 2.1.0: each violation at the place in the policy that it breaks.
///
/// After OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
package enum SARIFReport {
  /// The document.
  ///
  /// - Parameter policyPath: The path of the policy from the root of its repository; nil for the
  ///   name in the verdict.
  package static func encode(
    _ results: AuditResults, _ gate: GateResult, policyPath: String? = nil
  ) throws -> Data {
    try DocumentJSON.encode(Log(results, gate, policyPath ?? gate.policy))
  }

  private struct Log: Encodable {
    var schema =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    var version = "2.1.0"
    var runs: [Run]

    enum CodingKeys: String, CodingKey {
      case schema = "$schema"
      case version, runs
    }

    init(_ results: AuditResults, _ gate: GateResult, _ path: String) {
      runs = [Run(results, gate, path)]
    }
  }

  private struct Run: Encodable {
    struct Tool: Encodable { var driver: Driver }
    struct Driver: Encodable {
      var name: String
      var version: String
      var rules: [Rule]
    }
    struct Invocation: Encodable {
      var commandLine: String
      var executionSuccessful = true
    }

    var tool: Tool
    var invocations: [Invocation]
    var columnKind = "unicodeCodePoints"
    var results: [Violation]

    init(_ results: AuditResults, _ gate: GateResult, _ path: String) {
      let found = gate.judgements.filter {
        [.failed, .notMeasured, .undecided].contains($0.verdict)
      }
      let statements = Dictionary(
        results.properties.map { ($0.law, $0.statement) }, uniquingKeysWith: { first, _ in first })
      var rules: [Rule] = []
      var violations: [Violation] = []
      func index(of rule: Rule) -> Int {
        if let place = rules.firstIndex(where: { $0.id == rule.id }) { return place }
        rules.append(rule)
        return rules.count - 1
      }
      for judgement in found {
        let rule = Rule(judgement, statements: statements)
        violations.append(Violation(judgement, gate, path, rule.id, index(of: rule)))
      }
      for mistake in gate.mistakes ?? [] {
        violations.append(Violation(mistake, path, Rule.mistake.id, index(of: Rule.mistake)))
      }
      for reason in gate.notMeasured {
        violations.append(
          Violation(reason, path, Rule.notMeasured.id, index(of: Rule.notMeasured)))
      }
      tool = Tool(
        driver: Driver(name: results.tool.name, version: results.tool.version, rules: rules))
      invocations = [Invocation(commandLine: results.command)]
      self.results = violations
    }
  }

  private struct Text: Encodable { var text: String }

  private struct Rule: Encodable {
    var id: String
    var shortDescription: Text

    static let mistake = Rule(
      id: "policy-mistake", shortDescription: Text(text: "A policy means what it says."))
    static let notMeasured = Rule(
      id: "not-measured",
      shortDescription: Text(text: "What a policy names has to be measured."))

    init(id: String, shortDescription: Text) {
      (self.id, self.shortDescription) = (id, shortDescription)
    }

    /// - Parameter statements: Those of laws, by name.
    init(_ judgement: GateResult.Judgement, statements: [String: String]) {
      guard judgement.verdict == .failed else {
        self = Self.notMeasured
        return
      }
      id = judgement.isLaw ? "law/\(judgement.subject)" : judgement.subject
      let text =
        judgement.isLaw
        ? statements[judgement.subject]
        : judgement.subject == PolicyFigure.mismatches.rawValue
          ? "Every output is a number where there is one, and what special lanes may give elsewhere."
          : "The figure \(judgement.subject) stays within the budget of the policy."
      shortDescription = Text(text: text ?? judgement.subject)
    }
  }

  private struct Violation: Encodable {
    struct Location: Encodable { var physicalLocation: Physical }
    struct Physical: Encodable {
      var artifactLocation: Artifact
      var region: Region
    }
    struct Artifact: Encodable { var uri: String }
    struct Region: Encodable {
      var startLine: Int
      var startColumn: Int
    }

    var ruleId: String
    var ruleIndex: Int
    var level = "error"
    var message: Text
    var locations: [Location]
    /// Fingerprints that keep the violation the same while lines of the policy move.
    var partialFingerprints: [String: String]

    init(
      _ judgement: GateResult.Judgement, _ gate: GateResult, _ path: String, _ id: String,
      _ index: Int
    ) {
      (ruleId, ruleIndex) = (id, index)
      let name = GateTextReport.name(judgement)
      let subject = GateTextReport.subject(judgement)
      message = Text(
        text: (["\(name), \(subject)"] + GateTextReport.details(of: judgement, in: gate))
          .joined(separator: "\n"))
      locations = [Self.location(path, judgement.line, judgement.column)]
      partialFingerprints = ["judgement/v1": "\(name); \(subject); \(id)"]
    }

    init(_ mistake: GateResult.Mistake, _ path: String, _ id: String, _ index: Int) {
      (ruleId, ruleIndex) = (id, index)
      message = Text(text: mistake.message.onOneLine)
      locations = [Self.location(path, mistake.line, mistake.column)]
      partialFingerprints = ["judgement/v1": "\(id); \(mistake.message.onOneLine)"]
    }

    init(_ reason: String, _ path: String, _ id: String, _ index: Int) {
      (ruleId, ruleIndex) = (id, index)
      message = Text(text: reason.onOneLine)
      locations = [Self.location(path, 1, 1)]
      partialFingerprints = ["judgement/v1": "\(id); \(reason.onOneLine)"]
    }

    private static func location(_ path: String, _ line: Int, _ column: Int) -> Location {
      let encoded = path.split(separator: "/", omittingEmptySubsequences: false).map {
        $0.addingPercentEncoding(
          withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._~")))
          ?? ""
      }.joined(separator: "/")
      return Location(
        physicalLocation: Physical(
          artifactLocation: Artifact(uri: path.hasPrefix("/") ? "file://" + encoded : encoded),
          region: Region(startLine: line, startColumn: column)))
    }
  }
}
