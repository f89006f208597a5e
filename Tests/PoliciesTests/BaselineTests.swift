import AuditedOperations
import FloatFormats
import Testing

@testable import AuditRecords
@testable import Policies

@Suite("Baselines")
struct BaselineTests {
  private let here = Baseline(origin: .init(tool: "softmax-audit 1.0.0", platform: "Linux x86-64"))

  private func judgement(
    _ rule: Int, _ subject: String, _ measured: Double, _ verdict: LawVerdict = .passed
  ) -> GateResult.Judgement {
    GateResult.Judgement(
      rule: rule, line: 1, column: 1, implementation: "a/b", inputFormat: .float32,
      outputFormat: .float32, operation: .softmax, subject: subject, isLaw: false, budget: "",
      measured: Figure(measured), count: 1, withoutFigure: 0, verdict: verdict)
  }

  private func gate(_ judgements: [GateResult.Judgement]) -> GateResult {
    GateResult(
      policy: "p", verdict: .passed, rules: [], judgements: judgements, exclusions: [],
      notMeasured: [], notes: [])
  }

  private func policy(_ provenance: Bool = false) -> Policy {
    Policy(
      name: "p", defaults: PolicySettings(seed: 5),
      rules: [
        rule("a*") {
          $0.budgets = [
            .init(.maxUlp, .bound(1)), .init(.meanUlp, .number(2)),
            .init(.correctlyRounded, .number(0.25)),
          ]
          $0.laws = .init(text: "required", names: ["axis"])
          $0.settings = PolicySettings(samples: 3)
          if provenance {
            $0.provenance = .init(
              tool: "softmax-audit 1.0.0", platform: "Linux x86-64", seed: 5, samples: 3,
              measured: ["mean-ulp": 2])
          }
        }
      ])
  }

  @Test(
    "Figures are rounded so that they are within the budget, to three digits",
    arguments: [
      (1.2341, 1.24, 1.23), (1.23, 1.23, 1.23), (9.999, 10, 9.99), (0, 0, 0),
      (1.0000001e-7, 1.01e-7, 1e-7), (123_456, 124_000, 123_000),
      (1.234e-300, 1.24e-300, 1.23e-300),
    ])
  func rounding(value: Double, up: Double, down: Double) {
    #expect(Baseline.rounded(value, down: false) == up)
    #expect(Baseline.rounded(value, down: true) == down)
  }

  @Test("A baseline has the measured figures of each implementation, and where they come from")
  func writing() throws {
    let measured = gate([
      judgement(0, "max-ulp", 0.98765), judgement(0, "mean-ulp", 0.5),
      judgement(0, "correctly-rounded", 0.61237), judgement(0, "mismatches", 0),
    ])
    let rules = here.policy(from: policy(), measured).rules
    #expect(rules.count == 2)
    #expect(rules[0].selector.summary == "implementation a/b, format float32")
    #expect(
      rules[0].budgets == [
        .init(.maxUlp, .bound(0.988)), .init(.meanUlp, .number(0.5)),
        .init(.correctlyRounded, .number(0.612)),
      ])
    let provenance = try #require(rules[0].provenance)
    #expect(provenance.seed == 5 && provenance.samples == 3)
    #expect(provenance.platform == "Linux x86-64")
    #expect(provenance.measured["correctly-rounded"] == 0.61237)
    #expect(rules[1].laws?.text == "required" && rules[1].budgets.isEmpty)
  }

  @Test("Tightening lowers what is lower, and never raises")
  func tightening() throws {
    let (tightened, changes) = here.tightened(
      policy(true),
      gate([
        judgement(0, "max-ulp", 1), judgement(0, "mean-ulp", 0.5),
        judgement(0, "correctly-rounded", 0.3),
      ]))
    #expect(changes.map(\.figure) == [.meanUlp, .correctlyRounded])
    #expect(
      tightened.rules[0].budgets == [
        .init(.maxUlp, .bound(1)), .init(.meanUlp, .number(0.5)),
        .init(.correctlyRounded, .number(0.3)),
      ])
    #expect(tightened.rules[0].provenance?.measured["mean-ulp"] == 0.5)
    #expect(here.tightened(policy(), gate([judgement(0, "mean-ulp", 0.5)])).1.isEmpty)
  }

  @Test("Loosening raises what is selected and exceeded, and says why and from where")
  func loosening() throws {
    let red = gate([
      judgement(0, "max-ulp", 1.25, .failed), judgement(0, "mean-ulp", 3.14159, .failed),
      judgement(0, "correctly-rounded", 0.3),
    ])
    let selection = try #require(Baseline.Selection("implementation=a*,figure=mean-ulp"))
    let (loosened, changes) = here.loosened(policy(true), red, selection, reason: "new compiler")
    #expect(changes.map(\.after) == [.number(3.15)])
    #expect(loosened.rules[0].budgets[0].limit == .bound(1))
    #expect(loosened.rules[0].reason == "new compiler (mean-ulp was 2: why)")
    // What is as tight as it was has the reason that it had.
    let (back, _) = here.tightened(loosened, gate([judgement(0, "mean-ulp", 2)]))
    #expect(back.rules[0].budgets[1].limit == .number(2))
    #expect(back.rules[0].reason == "why")
    let nothing = try #require(Baseline.Selection("implementation=other"))
    #expect(here.loosened(policy(true), red, nothing, reason: "x").1.isEmpty)
  }

  @Test(
    "What is no selection is none",
    arguments: ["", "mylib", "implementation=", "figure=a,figure=b", "family=x", "figure=a,"])
  func selections(text: String) { #expect(Baseline.Selection(text) == nil) }

  @Test("A baseline of another platform or version is recognised")
  func origins() {
    #expect(here.remarks(on: policy(true)).isEmpty && here.remarks(on: policy()).isEmpty)
    let there = Baseline(origin: .init(tool: "softmax-audit 2.0.0", platform: "macOS arm64"))
    let remarks = there.remarks(on: policy(true))
    #expect(remarks.count == 2)
    #expect(remarks[0].contains("a baseline of Linux x86-64, this is macOS arm64"))
  }
}
