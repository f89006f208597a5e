import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting
import RealModule

extension Law {
  /// A lane followed by itself has a logsumexp larger by ln 2, and log-probabilities smaller by it.
  static let duplicationAdds = Law(
    "duplication-adds", "A lane followed by itself has outputs that are ln 2 larger.",
    grade: .promised, tolerance: "what is tolerated of both outputs together",
    catches: [.lowPrecision, .tails], of: [.logSoftmax, .logSumExp],
    wordings: [.logSoftmax: "A lane followed by itself has outputs that are ln 2 smaller."],
    budget: Budget(random: 200, edges: 12), takesAnyLane: true,
    cases: { LaneCases.lanes($0, count: 1...600).cases }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let before = try trial.outputs(of: input)
    let outputs = try trial.outputs(of: LawCase(lane: lane + lane))
    guard let first = try trial.tolerance(of: lane),
      let second = try trial.tolerance(of: lane + lane)
    else { return .inapplicable(trial.reasonWithoutTolerance(of: lane)) }
    let step = (trial.subject.operation == .logSoftmax ? -1 : 1) * Double.log(2)
    for half in stride(from: 0, to: outputs.count, by: max(before.count, 1)) {
      let after = before.indices.map { outputs[half + $0] }
      let outcome = trial.comparison(
        before.map { $0 + step }, after,
        allowed: before.indices.map {
          first.bounds[$0] + second.bounds[half + $0] + 0x1p-51 * (1 + abs(before[$0]))
        },
        change: "after the lane was followed by itself (first is ln 2 from what it was)",
        changedOutputs: outputs, &notes)
      if case .broken = outcome { return outcome }
    }
    return .kept
  }
}
