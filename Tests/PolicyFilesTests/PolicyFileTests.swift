import AuditRecords
import FloatFormats
import Foundation
import Oracle
import Policies
import PolicyFiles
import SoftmaxVariants
import Testing

@testable import AuditedOperations
@testable import Basics
@testable import Laws

@Suite("Policy files")
struct PolicyFileTests {
  /// What is wrong with a policy, one line each as users see it; empty where it is read.
  private func complaints(_ text: String) -> [String] {
    do {
      _ = try PolicyFile.read(text, name: "p.yaml")
      return []
    } catch let error as PolicyMistakes {
      return error.errors.map(\.message)
    } catch {
      return ["\(error)"]
    }
  }

  /// A policy with one rule, whose lines are given without their indentation.
  private func policy(_ rule: String) -> String {
    "schema: softmax-audit/policy/1\nrules:\n"
      + rule.split(separator: "\n").enumerated().map { ($0 == 0 ? "  - " : "    ") + $1 }
      .joined(separator: "\n")
  }

  @Test("Everything that a rule can say is read")
  func everything() throws {
    let text = """
      schema: softmax-audit/policy/1
      effort: 2.5
      seed: 18446744073709551615
      samples: 3
      underflow: flush
      special-lanes: [masked-zero, nan-everywhere]
      largest-logit: 1e4
      declare: max-trick/pairwise
      rules:
        - implementation: ["a*", b]
          format: [float16, float32]
          output-format: float32
          operation: softmax
          family: "normal-*"
          length: ["<=1024", 5000, ">= 1000000"]
          max-ulp: bound*0.5
          mean-ulp: 1
          p99-ulp: 2.5
          bias-ulp: 1e-3
          max-norm-ulp: .5
          sum-error: 0
          correctly-rounded: 0.75
          reason: all of it
        - laws: required+consistency
          expect-failure: overflow
          declare: none
          reason: the laws
      """
    let policy = try PolicyFile.read(text, name: "p.yaml")
    #expect(policy.defaults.effort == 2.5)
    #expect(policy.defaults.seed == .max)
    #expect(policy.defaults.samples == 3)
    #expect(policy.defaults.underflow == .flush)
    #expect(policy.defaults.specialLanes == [.maskedZero, .nanEverywhere])
    #expect(policy.defaults.largestLogit == 10_000)
    #expect(policy.defaults.check().largestLogit == 10_000)
    #expect(policy.defaults.declare?.name == "max-trick/pairwise")
    let rule = policy.rules[0]
    #expect(rule.selector.implementations == ["a*", "b"])
    #expect(rule.selector.formats == [.float16, .float32])
    #expect(rule.selector.outputFormats == [.float32])
    #expect(rule.selector.lengths.map(\.text) == ["<=1024", "5000", ">=1000000"])
    let limits: [(FigureDescriptor, PolicyRule.Budget.Limit)] = [
      (.maxUlp, .bound(0.5)), (.meanUlp, .number(1)), (.p99Ulp, .number(2.5)),
      (.meanSignedUlp, .number(1e-3)), (.maxNormUlp, .number(0.5)), (.maxSumError, .number(0)),
      (.correctlyRounded, .number(0.75)),
    ]
    let budgets = try limits.map { PolicyRule.Budget(try #require(PolicyFigure($0)), $1) }
    #expect(rule.budgets == budgets)
    #expect(rule.place == PolicyPlace(line: 10, column: 5))
    #expect(rule.place(of: "max-ulp") == PolicyPlace(line: 16, column: 5))
    let laws = try #require(policy.rules[1].laws)
    #expect(laws.names.contains("axis") && laws.names.contains("determinism"))
    #expect(!laws.names.contains("shift") && laws.literal.isEmpty)
    #expect(policy.rules[1].expectedFailures.map(\.name) == ["overflow"])
    #expect(policy.rules[1].settings.declare == PolicySettings.Model.none)
  }

  @Test(
    "Mistakes name their line and column, what was wrong and what was expected",
    arguments: [
      ("max_ulp: 4\nreason: x", "3:5: there is no key \"max_ulp\"", "did you mean \"max-ulp\"?"),
      ("max-ulp: 4", "3:5: the rule has no reason", "is expected"),
      ("max-ulp: 4\nreason: \" \"", "4:13: reason is empty", "say why"),
      ("max-ulp: many\nreason: x", "3:14: max-ulp is \"many\"", "bound*0.5 is expected"),
      ("max-ulp: \"4\"\nreason: x", "3:14: max-ulp is \"4\"", "a number from 0 to 2^53"),
      ("max-ulp: -1\nreason: x", "3:14: max-ulp is \"-1\"", "from 0 to 2^53"),
      ("max-ulp: .nan\nreason: x", "3:14: max-ulp is \".nan\"", "expected"),
      ("max-ulp: 1e999\nreason: x", "3:14: max-ulp is \"1e999\"", "expected"),
      ("max-ulp: bound*0\nreason: x", "3:14: max-ulp is \"bound*0\"", "above 0"),
      ("max-ulp: 1.7e308\nreason: x", "3:14: max-ulp is \"1.7e308\"", "from 0 to 2^53"),
      ("max-ulp: bound*1e300\nreason: x", "3:14: max-ulp is \"bound*1e300\"", "at most 2^53"),
      ("mean-ulp: bound\nreason: x", "3:15: mean-ulp is bound", "only max-ulp has a bound"),
      (
        "correctly-rounded: 50\nreason: x", "3:24: correctly-rounded is \"50\"",
        "a share above 0, at most 1"
      ),
      (
        "correctly-rounded: 0\nreason: x", "3:24: correctly-rounded is 0",
        "demand a share above 0"
      ),
      ("format: float23\nmax-ulp: 1\nreason: x", "3:13: format is \"float23\"", "float16"),
      ("length: long\nmax-ulp: 1\nreason: x", "3:13: length is \"long\"", "<=1024"),
      (
        "length: 100000000000\nmax-ulp: 1\nreason: x", "3:13: length is \"100000000000\"",
        "from 0 to 16777216"
      ),
      (
        "length: \"<=99999999999999999999999\"\nmax-ulp: 1\nreason: x", "3:13: length is",
        "from 0 to 16777216"
      ),
      ("length: []\nmax-ulp: 1\nreason: x", "3:13: length is an empty list", "one item"),
      ("format: []\nmax-ulp: 1\nreason: x", "3:13: format is an empty list", "one item"),
      (
        "special-lanes: []\nmax-ulp: 1\nreason: x", "3:20: special-lanes is an empty list",
        "one item"
      ),
      (
        "effort: 1e-7\nlaws: axis\nreason: x", "3:13: effort is \"1e-7\"",
        "a number from 0.000001 to 1000000"
      ),
      (
        "length: 17\nmax-ulp: 1\nlaws: axis\nreason: x", "5:11: laws contradicts length",
        "write two rules"
      ),
      ("regime: weird\nmax-ulp: 1\nreason: x", "3:13: regime is \"weird\"", "normal, subnormal"),
      (
        "laws: required+consistent\nreason: x", "3:11: there is no law or grade \"consistent\"",
        "did you mean \"consistency\"?"
      ),
      ("laws: [axis, axes]\nreason: x", "3:18: there is no law", "did you mean \"axis\"?"),
      ("expect-failure: [overflo]\nreason: x", "3:22: expect-failure has", "\"overflow\"?"),
      ("exclude: false\nreason: x", "3:14: exclude is \"false\"", "true is expected"),
      ("exclude: true\nmax-ulp: 1\nreason: x", "3:14: exclude contradicts", "no more"),
      ("implementation: a\nreason: x", "3:5: the rule demands nothing", "max-ulp"),
      ("implementation: []\nmax-ulp: 1\nreason: x", "3:21: implementation is an empty list", ""),
      ("family: a\nlaws: required\nreason: x", "4:11: laws contradicts family", "without family"),
      ("length: 4\neffort: 2\nmax-ulp: 1\nreason: x", "4:13: effort contradicts length", ""),
      (
        "regime: subnormal\nmean-ulp: 1\nreason: x", "4:15: mean-ulp contradicts regime", "max-ulp"
      ),
      ("regime: normal\nsamples: 4\nmax-ulp: 1\nreason: x", "4:14: samples contradicts", ""),
      ("seed: -4\nmax-ulp: 1\nreason: x", "3:11: seed is \"-4\"", "whole number"),
      ("largest-logit: 3\nmax-ulp: 1\nreason: x", "3:20: largest-logit is \"3\"", "at least 16"),
      ("samples: 0\nmax-ulp: 1\nreason: x", "3:14: samples is \"0\"", "from 1"),
      ("underflow: yes\nmax-ulp: 1\nreason: x", "3:16: underflow is \"yes\"", "gradual, flush"),
      ("special-lanes: zero\nmax-ulp: 1\nreason: x", "3:20: there is no special-lane", "masked"),
      ("declare: magic\nmax-ulp: 1\nreason: x", "3:14: there is no model \"magic\"", "none, or"),
      ("max-ulp: 1\nmax-ulp: 2\nreason: x", "4:5: \"max-ulp\" stands here a second time", "once"),
      ("max-ulp: [1\nreason: x", "4:11: this is not YAML", ""),
      ("reason: x\nmax-ulp: {a: 1}", "4:14: max-ulp is a mapping", "expected"),
    ])
  func mistakes(rule: String, start: String, part: String) throws {
    let found = complaints(policy(rule))
    let first = try #require(found.first)
    #expect(first.hasPrefix("p.yaml:" + start), "\(found)")
    #expect(part.isEmpty || first.contains(part), "\(found)")
  }

  @Test(
    "Mistakes of the whole are located too",
    arguments: [
      ("", "1:1: the file is empty"),
      ("- a", "1:1: a policy is expected here"),
      ("rules:\n  - max-ulp: 1\n    reason: x", "1:1: schema is missing"),
      (
        "schema: softmax-audit/policy/2\nrules:\n  - max-ulp: 1\n    reason: x",
        "1:9: schema is \"softmax-audit/policy/2\"; \"softmax-audit/policy/1\" is expected"
      ),
      ("schema: softmax-audit/policy/1", "1:1: rules are missing"),
      ("schema: softmax-audit/policy/1\nrules: []", "2:8: rules is an empty list"),
      ("schema: softmax-audit/policy/1\nrules:\n  - 4", "3:5: a rule is expected here"),
      (
        "schema: softmax-audit/policy/1\nlimit: 3\nrules:\n  - max-ulp: 1\n    reason: x",
        "2:1: there is no key \"limit\""
      ),
    ])
  func wholes(text: String, start: String) throws {
    let found = complaints(text)
    #expect(found.first?.hasPrefix("p.yaml:" + start) == true, "\(found)")
  }

  @Test("Two rules with the same selection must not decide the same")
  func duplicates() {
    let text = """
      schema: softmax-audit/policy/1
      rules:
        - implementation: a
          max-ulp: 4
          reason: one
        - implementation: b
          max-ulp: 4
          reason: another thing
        - implementation: a
          mean-ulp: 1
          max-ulp: 2
          reason: two
      """
    #expect(
      complaints(text) == [
        "p.yaml:11:5: max-ulp stands here a second time for implementation a: the rule on line 3 has it; one of the two is expected"
      ])
  }

  @Test("All mistakes are named, in the order of the file")
  func all() {
    let text = """
      schema: softmax-audit/policy/3
      rules:
        - max-ulp: x
          mean-ulp: y
        - sum: 1
          sum-error: 1
          reason: z
      """
    let places = complaints(text).map { $0.split(separator: " ")[0] }
    #expect(
      places == ["p.yaml:1:9:", "p.yaml:3:5:", "p.yaml:3:14:", "p.yaml:4:15:", "p.yaml:5:5:"])
  }

  @Test(
    "The examples and the policy of this project are read",
    arguments: [
      "scripts/examples/gate/library.yaml", "scripts/examples/gate/narrow-formats.yaml",
      "scripts/examples/gate/known-failures.yaml", ".softmax-audit.yaml",
    ])
  func examples(name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../\(name)")
    let policy = try PolicyFile.read(String(contentsOf: file, encoding: .utf8), name: name)
    #expect(policy.rules.count >= 3)
  }
}
