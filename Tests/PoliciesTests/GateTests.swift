import AuditedOperations
import FloatFormats
import Testing

@testable import AuditRecords
@testable import Laws
@testable import Policies

/// A row with quiet figures, to be made interesting.
private func row(
  _ implementation: String = "a", family: String = "normal-4", length: Int = 128,
  _ change: (inout AccuracyRow) -> Void = { _ in }
) -> AccuracyRow {
  let count = UInt64(2 * length)
  var row = AccuracyRow(
    implementation: implementation, inputFormat: .float32, outputFormat: .float32,
    operation: .softmax, family: family, length: length, shape: [2, length], axis: 1)
  row.lanes = 2
  row.elements = count
  row.finitePairs = count
  row.normalPairs = count
  row.maxUlp = 2.0
  row.meanUlp = 0.5
  row.rmsUlp = 0.75
  row.meanSignedUlp = -0.25
  row.p50Ulp = 0.25
  row.p95Ulp = 0.75
  row.p99Ulp = 1.0
  row.correctlyRounded = 0.5
  row.faithful = 1.0
  row.maxUlpSubnormal = 4.0
  row.maxNormUlp = 1.0
  row.maxSumError = 1e-7
  row.bound = AccuracyRow.Bound(model: "max-trick/pairwise", maxRatio: 0.5, outsideDomain: 0)
  change(&row)
  return row
}

private func judge(
  _ rules: [PolicyRule], _ rows: [AccuracyRow], laws: [PropertyRow] = [],
  run: AuditResults? = nil
) -> GateResult {
  let cells = rows.map(\.cell)
  let scopes = Set(cells.map(\.scope)).union(laws.map(\.scope))
  return Gate(Policy(name: "p.yaml", rules: rules)) { ["--implementation", $0] }.judge(
    accuracy: rows, properties: laws, cells: cells, scopes: Array(scopes), run: run,
    implementations: scopes.map(\.implementation))
}

private func kinds(_ change: (inout MismatchKinds) -> Void) -> MismatchKinds {
  var kinds = MismatchKinds()
  change(&kinds)
  return kinds
}

private func law(_ name: String, _ verdict: LawVerdict) -> PropertyRow {
  PropertyRow(
    implementation: "a", inputFormat: .float32, outputFormat: .float32, operation: .softmax,
    law: name, statement: "", grade: Law.grade(of: name) ?? .required, verdict: verdict,
    reason: verdict == .passed ? nil : "it is so", cases: 10, tolerance: "")
}

@Suite("The gate")
struct GateTests {
  @Test(
    "A figure on its budget passes; above it, or below a floor, the gate fails",
    arguments: [
      (PolicyFigure.maxUlp, 4.0, 3.9), (.meanUlp, 0.5, 0.4), (.p99Ulp, 1, 0.9),
      (.biasUlp, 0.25, 0.2), (.maxNormUlp, 1, 0.9), (.sumError, 1e-7, 0.9e-7),
      (.correctlyRounded, 0.5, 0.6),
    ])
  func budgets(figure: PolicyFigure, kept: Double, broken: Double) {
    let passing = judge([rule { $0.budgets = [.init(figure, .number(kept))] }], [row()])
    #expect(passing.verdict == .passed)
    #expect(passing.judgements[0].measured?.value == kept)
    #expect(passing.judgements[0].margin?.value == 0)
    let failing = judge([rule { $0.budgets = [.init(figure, .number(broken))] }], [row()])
    #expect(failing.verdict == .failed)
    #expect(failing.judgements[0].verdict == .failed)
    #expect((failing.judgements[0].margin?.value ?? 0) < 0)
    #expect(failing.judgements[0].replay?.contains("--family normal-4 --length 128") == true)
  }

  @Test("A bound is judged by the ratio, and a part of it by the part")
  func bounds() {
    #expect(
      judge([rule { $0.budgets = [.init(.maxUlp, .bound(0.5))] }], [row()]).verdict == .passed)
    #expect(
      judge([rule { $0.budgets = [.init(.maxUlp, .bound(0.49))] }], [row()]).verdict == .failed)
  }

  @Test("The worst cell decides, and NaN is worse than anything")
  func worst() {
    let rows = [
      row(), row(length: 1000) { $0.maxUlp = 9.0 }, row(family: "dust") { $0.maxUlp = 3.0 },
    ]
    let result = judge([rule { $0.budgets = [.init(.maxUlp, .number(5))] }], rows)
    #expect(result.judgements[0].measured?.value == 9)
    #expect(result.judgements[0].length == 1000 && result.judgements[0].count == 3)
    let withNaN = judge(
      [rule { $0.budgets = [.init(.meanUlp, .number(1e300))] }],
      [row { $0.meanUlp = Figure(.nan) }, row(length: 2) { $0.meanUlp = Figure(.infinity) }])
    #expect(withNaN.verdict == .failed)
    #expect(withNaN.judgements[0].length == 128)
  }

  @Test("A mismatch fails wherever anything is judged, unless its failure is expected")
  func mismatches() {
    let bad = row {
      $0.mismatches = 3
      $0.mismatchesInDomain = 3
    }
    var demand = rule { $0.budgets = [.init(.maxUlp, .number(1e9))] }
    let result = judge([demand], [bad])
    #expect(result.verdict == .failed)
    #expect(result.judgements.first { $0.verdict == .failed }?.subject == "mismatches")
    demand.expectedFailures = [.init("mismatches", demand.place)]
    #expect(judge([demand], [bad]).verdict == .passed)
    #expect(judge([demand], [row()]).verdict == .failed)
  }

  @Test("An expected failure that does not come fails the gate, at the place of the expectation")
  func expectation() {
    let place = PolicyPlace(line: 7, column: 22)
    let demand = rule {
      $0.budgets = [.init(.maxUlp, .number(1))]
      $0.laws = .init(text: "", names: ["axis"])
      $0.expectedFailures = [.init("max-ulp", place), .init("overflow", place)]
    }
    let kept = judge([demand], [row()], laws: [law("axis", .passed), law("overflow", .failed)])
    #expect(kept.verdict == .passed)
    #expect(
      kept.judgements.filter { $0.verdict == .waived }.map(\.subject) == ["max-ulp", "overflow"])
    let surprise = judge(
      [demand],
      [
        row {
          $0.maxUlp = 0.5
          $0.maxUlpSubnormal = nil
        }
      ], laws: [law("axis", .passed), law("overflow", .passed)])
    #expect(surprise.verdict == .failed)
    let failures = surprise.judgements.filter { $0.verdict == .failed }
    #expect(failures.map(\.subject) == ["max-ulp", "overflow"])
    #expect(failures.allSatisfy { $0.line == 7 && $0.column == 22 })
  }

  @Test("What was not measured is never a pass")
  func notMeasured() {
    let demand = rule { $0.budgets = [.init(.maxUlp, .number(9))] }
    let uncalled = row {
      $0.failure = .init(kind: .notMeasured, explanation: "it was given up")
      $0.maxUlp = nil
    }
    let result = judge([demand], [row(length: 2), uncalled])
    #expect(result.verdict == .notMeasured)
    #expect(result.judgements[0].message?.contains("it was given up") == true)
    #expect(judge([demand], [row { $0.undecided = 1 }]).verdict == .notMeasured)
    let noBound = judge(
      [rule { $0.budgets = [.init(.maxUlp, .bound(1))] }], [row { $0.bound?.maxRatio = nil }])
    #expect(noBound.verdict == .notMeasured)
    let stranger = judge([rule("b") { $0.budgets = [.init(.maxUlp, .number(9))] }], [row()])
    #expect(stranger.verdict == .notMeasured)
    #expect(stranger.notMeasured.first == "a: no rule of p.yaml gives it a budget")
    let unchecked = judge(
      [rule { $0.laws = .init(text: "", names: ["axis"], literal: ["axis"]) }], [row()])
    #expect(unchecked.verdict == .notMeasured)
  }

  @Test(
    "Of a results file the seed, the lanes, the model and the laws must be what the policy asks for"
  )
  func foreignResults() {
    var run = AuditResults(
      tool: .init(name: "softmax-audit", version: "0"), command: "", seed: 5,
      oracle: .init(tier: "mpfr", library: ""),
      environment: .init(platform: "", processor: "", threads: 1), accuracy: [])
    run.accuracy = [row()]
    func verdict(_ settings: PolicySettings) -> GateResult.Verdict {
      let demand = rule {
        $0.budgets = [.init(.maxUlp, .number(9))]
        $0.settings = settings
      }
      return judge([demand], [row()], run: run).verdict
    }
    #expect(verdict(.init()) == .passed)
    #expect(verdict(.init(seed: 5, samples: 2)) == .passed)
    #expect(verdict(.init(seed: 6)) == .notMeasured)
    #expect(verdict(.init(samples: 3)) == .notMeasured)
    let laws = rule { $0.laws = .init(text: "", names: ["axis", "range"]) }
    #expect(judge([laws], [], laws: [law("axis", .passed)], run: run).verdict == .notMeasured)
    #expect(
      judge([laws], [], laws: [law("axis", .passed), law("range", .passed)], run: run).verdict
        == .passed)
  }

  @Test("Exclusions are counted, and all that is excluded leaves nothing to pass")
  func exclusions() {
    let rules = [
      rule { $0.budgets = [.init(.maxUlp, .number(1))] },
      rule {
        $0.selector.families = ["dust"]
        $0.isExclusion = true
      },
    ]
    let some = judge(
      rules,
      [
        row {
          $0.maxUlp = 0.5
          $0.maxUlpSubnormal = nil
        }, row(family: "dust"),
      ])
    #expect(some.verdict == .passed)
    #expect(some.exclusions == [.init(rule: 1, cells: 1, lawScopes: 0)])
    #expect(judge(rules, [row(family: "dust")]).verdict == .notMeasured)
  }

  @Test("Causes are read off the cells")
  func causes() {
    func cause(_ rows: [AccuracyRow], _ limit: PolicyRule.Budget.Limit = .number(10)) -> String {
      judge([rule { $0.budgets = [.init(.maxUlp, limit)] }], rows).judgements[0].cause ?? ""
    }
    let flushed = row {
      $0.maxUlpSubnormal = Figure(0x1p23)
      $0.maxUlpFlushToZero = 2.0
    }
    #expect(cause([flushed]).contains("flushed to zero"))
    // Another cell has results below the normal range and no zero among them.
    let kept = row(length: 16) { $0.zeros = 0 }
    #expect(!cause([flushed, kept]).contains("flushed to zero"))
    // Another cell fails by normal results.
    let besides = row(length: 16) { $0.maxUlp = 99.0 }
    #expect(!cause([flushed, besides]).contains("flushed to zero"))
    let zeros = row {
      $0.maxUlpSubnormal = Figure(0x1p23)
      $0.maxUlpFlushToZero = 2.0
      $0.zeros = 128
      $0.maxSumError = 1.0
    }
    #expect(cause([zeros]).contains("every output of a lane is 0"))
    let wrong = row { $0.maxUlp = Figure(0x1p22) }
    #expect(cause([wrong]).contains("axis"))
    // Float32 has normal numbers from 1.17549435e-38 on.
    for (exact, isCutOff) in [("1.182e-38", true), ("1.1e-38", false), ("1e-3", false)] {
      let zero = row {
        $0.maxUlp = Figure(0x1p23)
        $0.worst = .init(
          logits: [], elided: 128, sample: 0, index: 3, computed: "0x0p+0", exact: exact,
          ulp: Figure(-0x1p23))
      }
      #expect(cause([zero]).contains("a little above the least normal number") == isCutOff)
    }
    let narrow = row(length: 1000) {
      $0.maxUlp = 99.0
      $0.maxSumError = Figure(99 * 0x1p-24)
    }
    #expect(cause([row(length: 2), row(), narrow]).contains("too narrow a format"))
    #expect(cause([row(length: 2), row(), narrow]).contains("no lane shorter than 1000 fails"))
    // The cause of another cell than the one whose figures are shown comes with the name of its
    // cell.
    let garbage = row(family: "dust", length: 5000) {
      $0.maxUlp = Figure(0x1p60)
      $0.maxSumError = Figure(0x1p40)
    }
    #expect(
      cause([row(length: 8) { $0.maxUlp = 99.0 }, garbage]).hasPrefix(
        "in the shortest cell that fails, normal-4, length 8: the outputs sum to 1 all the same"))
    let exponential = row(length: 2) { $0.maxUlp = 99.0 }
    #expect(cause([row(), exponential]).contains("the exponential or its argument is off"))
    let tails = [7, 9, 15, 17, 31, 33].map { length in row(length: length) { $0.maxUlp = 99.0 } }
    #expect(
      cause(tails + [8, 16, 32, 64].map { row(length: $0) }).contains("no multiple of 4"))
  }
  @Test(
    "Mismatches are told by kind, and so is their cause",
    arguments: [
      (kinds { $0.masked = 9 }, "are not 0 at a logit of -inf", "a mask leaks"),
      (kinds { $0.unwritten = 9 }, "are never written", "left as they were"),
      (kinds { $0.nan = 9 }, "are NaN", "overflows"),
      (kinds { $0.infinite = 9 }, "are infinite", "overflows"),
      (kinds { $0.negative = 9 }, "are negative", "an approximation of exp"),
      (kinds { $0.special = 9 }, "are in special lanes against the policy", "special-lanes"),
    ])
  func mismatchKinds(kinds: MismatchKinds, words: String, cause: String) throws {
    let wrong = row {
      $0.mismatchKinds = kinds
      $0.mismatches = 9
      $0.mismatchesInDomain = 9
    }
    // Mismatches are judged wherever anything is.
    let judgements = judge([rule { $0.budgets = [.init(.maxUlp, .number(10))] }], [wrong])
      .judgements
    let judgement = try #require(judgements.first { $0.subject == "mismatches" })
    #expect(judgement.message == "normal-4, length 128: 9 of 256 outputs \(words)")
    #expect(judgement.cause?.contains(cause) == true)
    #expect(cause == "overflows" || judgement.cause?.contains("overflows") == false)
  }

  @Test("Mismatches of several kinds are one sentence; of a part of them no kind is told")
  func severalKinds() {
    var mixed = row {
      $0.mismatchKinds = kinds { ($0.nan, $0.negative, $0.masked) = (2, 3, 4) }
      $0.mismatches = 9
      $0.mismatchesInDomain = 9
    }
    #expect(
      mixed.mismatchSentence
        == "2 of 256 outputs are NaN, 3 are negative, and 4 are not 0 at a logit of -inf")
    mixed.mismatchesInDomain = 8
    #expect(mixed.mismatchSentence?.hasPrefix("8 of 256 outputs are no numbers") == true)
  }
}
