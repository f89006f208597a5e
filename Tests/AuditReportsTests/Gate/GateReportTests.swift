import AuditReports
import FloatFormats
import Foundation
import Policies
import TestSupport
import Testing

@testable import AuditRecords

@Suite("Reports on a gate")
struct GateReportTests {
  private let snapshots = Snapshots(of: .module, testFile: #filePath.replacing("/Gate/", with: "/"))

  @Test("The table has not changed and fits 80 columns, commands aside")
  func text() throws {
    let text = GateTextReport.render(interestingGate)
    for line in text.split(separator: "\n") where !line.contains("replay:") {
      #expect(line.count <= 80, "\(line)")
    }
    #expect(try snapshots.difference(of: text, from: "gate.txt") == nil)
  }

  @Test("The Markdown has not changed")
  func markdown() throws {
    let page = GateMarkdownReport.render(interestingGate)
    #expect(try snapshots.difference(of: page, from: "gate.md") == nil)
  }

  @Test("One fault in several formats is one block in every form")
  func sharedFault() throws {
    var gate = interestingGate
    gate.judgements = try [FloatFormat.float16, .float32, .float64].map { format in
      var judgement = try #require(interestingGate.judgements.first { $0.isLaw })
      (judgement.implementation, judgement.subject, judgement.rule) = ("mine", "overflow", 0)
      (judgement.inputFormat, judgement.outputFormat) = (format, format)
      (judgement.verdict, judgement.message) = (.failed, "output 0 is nan (nan)")
      judgement.replay = "softmax-audit check --replay case1-\(format)"
      return judgement
    }
    var page = results([row("mine", .float32)])
    page.gate = gate
    for (text, heading) in [
      (GateTextReport.render(gate), "FAILED law overflow: mine in float16, float32, float64"),
      (GateMarkdownReport.render(gate), "### law overflow: mine in float16, float32, float64"),
      (try HTMLReport.render(page), "mine in float16, float32, float64"),
    ] {
      #expect(text.components(separatedBy: heading).count == 2, "\(text)")
      #expect(text.components(separatedBy: "--replay case1-").count == 2, "\(text)")
    }
  }

  @Test("JUnit is well-formed, its counts are those of its cases, and nothing that failed is lost")
  func junit() throws {
    let document = JUnitReport.render(interestingGate)
    let check = XMLCheck(document)
    #expect(check.problem == nil)
    func count(_ element: String) -> Int { check.elements.count { $0 == element } }
    #expect(check.elements.first == "testsuites")
    #expect(count("testcase") == interestingGate.judgements.count + 1)
    #expect(count("failure") == 2 && count("error") == 2 && count("skipped") == 1)
    func sum(_ attribute: String, of element: String) -> Int {
      check.attributes.filter { $0.element == element && $0.name == attribute }
        .reduce(0) { $0 + (Int($1.value) ?? 1000) }
    }
    for element in ["testsuites", "testsuite"] {
      #expect(sum("tests", of: element) == count("testcase"))
      #expect(sum("failures", of: element) == count("failure"))
      #expect(sum("errors", of: element) == count("error"))
      #expect(sum("skipped", of: element) == count("skipped"))
    }
    let allowed: [String: Set<String>] = [
      "testsuites": ["name", "tests", "failures", "errors", "skipped"],
      "testsuite": ["name", "tests", "failures", "errors", "skipped"],
      "testcase": ["classname", "name"], "failure": ["type", "message"],
      "error": ["type", "message"], "skipped": ["message"],
    ]
    #expect(Set(check.elements) == Set(allowed.keys))
    #expect(check.attributes.allSatisfy { allowed[$0.element]?.contains($0.name) == true })
    #expect(check.text.contains("replay: softmax-audit audit --plugin 'my lib.so'"))
  }

  /// `scripts/checks/validate-sarif` checks against the published schema; .ci/run does so.
  @Test("SARIF places each violation at its line of the policy, under a rule that is declared")
  func sarif() throws {
    let data = try SARIFReport.encode(results([]), interestingGate)
    let log = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(log["version"] as? String == "2.1.0")
    let run = try #require((log["runs"] as? [[String: Any]])?.first)
    let driver = try #require((run["tool"] as? [String: Any])?["driver"] as? [String: Any])
    let rules = try #require(driver["rules"] as? [[String: Any]]).map { $0["id"] as? String }
    #expect(rules == ["max-ulp", "not-measured", "law/axis"])
    let found = try #require(run["results"] as? [[String: Any]])
    #expect(found.count == 4)
    for result in found {
      let index = try #require(result["ruleIndex"] as? Int)
      #expect(rules[index] == result["ruleId"] as? String)
      let location = try #require((result["locations"] as? [[String: Any]])?.first)
      let physical = try #require(location["physicalLocation"] as? [String: Any])
      let artifact = try #require(physical["artifactLocation"] as? [String: Any])
      #expect(artifact["uri"] as? String == "ci/my%20policy.yaml")
    }
    let first = try #require((found[0]["locations"] as? [[String: Any]])?.first)
    let region = (first["physicalLocation"] as? [String: Any])?["region"] as? [String: Int]
    #expect(region == ["startLine": 5, "startColumn": 7])
  }

  @Test("Annotations take one line each, and escape what would end them")
  func annotations() throws {
    let lines = GitHubAnnotations.render(interestingGate).split(separator: "\n")
    #expect(lines.count == 5)
    #expect(
      lines[0].hasPrefix(
        "::error file=ci/my policy.yaml,line=5,col=7,title=max-ulp%2C mylib in float32::dust, "))
    #expect(lines[0].contains("100%25 \"too\" much%0Acause: the outputs"))
    #expect(lines[3].hasPrefix("::error file=ci/my policy.yaml,title=not measured::there is no"))
    #expect(lines[4].hasPrefix("::notice "))
  }

  @Test("A verdict that passes says so in every form, and annotates nothing")
  func passing() throws {
    var gate = interestingGate
    gate.verdict = .passed
    gate.judgements = gate.judgements.filter { $0.verdict == .passed }
    (gate.notMeasured, gate.notes, gate.exclusions) = ([], [], [])
    #expect(GateTextReport.render(gate).hasSuffix("0 broken. The gate passes.\n"))
    #expect(GateMarkdownReport.render(gate).hasPrefix("## softmax-audit gate: passed\n"))
    #expect(GitHubAnnotations.render(gate) == "")
    #expect(!JUnitReport.render(gate).contains("<failure"))
    let log = try JSONSerialization.jsonObject(with: SARIFReport.encode(results([]), gate))
    let runs = (log as? [String: Any])?["runs"] as? [[String: Any]]
    #expect((runs?.first?["results"] as? [Any])?.isEmpty == true)
  }
}
