import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting

extension Law {
  /// A number added to every logit is added to the logsumexp.
  ///
  /// Logits and shift are those of the law ``shift``: every sum is exact.
  static let shiftAdds = Law(
    "shift-adds", "A number added to every logit, exactly, is added to the output.",
    grade: .promised, tolerance: "what is tolerated of both outputs together",
    catches: [.formula, .overflow], of: [.logSumExp],
    budget: Budget(random: 200, edges: 16), form: shiftForm,
    cases: { format in shiftedLanes(format, shifts: { quantum in 0...Int(8 / quantum) }) }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let amount = Double(input.arguments[0]) * 1.0.scaled(byPowerOfTwo: -input.arguments[1])
    let shifted = lane.map { $0 + amount }
    let format = trial.subject.input
    guard shifted.allSatisfy({ format.rounded($0) == $0 }) else {
      return .inapplicable("the shift is not exact")
    }
    let before = try trial.outputs(of: input)
    let after = try trial.outputs(of: LawCase(lane: shifted))
    guard let first = try trial.tolerance(of: lane), let second = try trial.tolerance(of: shifted)
    else { return .inapplicable(trial.reasonWithoutTolerance(of: lane)) }
    return trial.comparison(
      before.map { $0 + amount }, after,
      allowed: before.indices.map {
        first.bounds[$0] + second.bounds[$0] + 0x1p-51 * (abs(before[$0]) + abs(amount))
      },
      change:
        "after \(trial.text(amount)) was added to every logit (first is by as much larger than it was)",
      changedOutputs: after, &notes)
  }
}
