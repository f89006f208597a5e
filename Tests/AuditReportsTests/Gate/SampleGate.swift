import AuditedOperations
import FloatFormats

@testable import AuditRecords

/// A judgement with quiet figures, to be made interesting.
func judgement(
  _ subject: String, _ implementation: String = "mylib", _ verdict: LawVerdict = .passed,
  _ change: (inout GateResult.Judgement) -> Void = { _ in }
) -> GateResult.Judgement {
  var result = GateResult.Judgement(
    rule: 0, line: 5, column: 7, implementation: implementation, inputFormat: .float32,
    outputFormat: .float32, operation: .softmax, subject: subject, isLaw: false, budget: "4",
    limit: 4.0, measured: 2.0, margin: 0.5, count: 3, withoutFigure: 0, verdict: verdict)
  change(&result)
  return result
}

/// A verdict with every case that reports treat in their own way.
let interestingGate = GateResult(
  policy: "ci/my policy.yaml", verdict: .failed,
  rules: [
    .init(line: 4, column: 5, selection: "implementation mylib*", reason: "figures of release 1.4"),
    .init(line: 9, column: 5, selection: "family dust", reason: "out of reach <by> design"),
  ],
  judgements: [
    judgement("max-ulp", "mylib", .failed) {
      $0.measured = 35.25
      $0.margin = -7.8125
      ($0.family, $0.length) = ("dust", 4096)
      $0.message = "dust, length 4096: the error is 35.25 ulp, 4 is allowed: 100% \"too\" much"
      $0.cause = "the outputs do not sum to 1"
      $0.replay = "softmax-audit audit --plugin 'my lib.so' --family dust"
    },
    judgement("max-ulp", "mylib-fast"),
    judgement("max-ulp", "mylib-faster") { $0.margin = 0.25 },
    judgement("max-ulp", "mylib") {
      $0.regime = .subnormal
      $0.letsThrough = ["flush-to-zero", "wrong-axis"]
      $0.uncaught = ["wrong-axis"]
    },
    judgement("correctly-rounded") {
      $0.budget = "0.5"
      $0.measured = 0.61237
    },
    judgement("mismatches"),
    judgement("mean-ulp", "mylib", .notMeasured) {
      ($0.measured, $0.margin) = (nil, nil)
      $0.message = "no cell has outputs that the figure is over"
    },
    judgement("axis", "mylib", .failed) {
      $0.isLaw = true
      $0.budget = "kept"
      ($0.limit, $0.measured, $0.margin) = (nil, nil, nil)
      $0.message = "output 0 is \(hostileName)"
      $0.replay = "softmax-audit check --law axis --replay case1-A"
    },
    judgement("range") {
      $0.isLaw = true
      $0.budget = "kept"
      ($0.limit, $0.measured, $0.margin) = (nil, nil, nil)
    },
    judgement("overflow", hostileName, .waived) {
      $0.isLaw = true
      $0.budget = "broken"
      ($0.limit, $0.measured, $0.margin) = (nil, nil, nil)
      $0.message = "expected: issue 12; output 0 is nan"
      $0.outputFormat = .float64
    },
  ],
  exclusions: [.init(rule: 1, cells: 12, lawScopes: 1)],
  notMeasured: ["there is no plug-in nowhere.so; check the path"],
  notes: ["the baseline is of another platform"])
