import AuditRecords
import FloatFormats
import PropertyTesting

extension Law {
  /// The same call gives the same bits thousands of times.
  ///
  /// Counters that wrap around, buffers that fill up, and races that are lost once in a while. How
  /// often is counted in calls, so that a finding comes back.
  package static let repeatedCalls = Law(
    "repeated-calls",
    "The same logits give the same bits in each of thousands of calls in a row.",
    grade: .consistency, tolerance: "none: the same bits",
    catches: [.nondeterminism],
    budget: Budget(random: 0, edges: 1), form: .tensor(),
    cases: { format in
      // Five lanes of odd length: small, and more than a vector of either.
      Generator { source in
        let lanes = (0..<5).map { lane in
          (0..<37).map { index -> Double in format.rounded(Double((index * (lane + 3)) % 23) / 4) }
        }
        return LawCase(lanes: lanes)
      }
    }
  ) { input, trial, notes in
    let first = try trial.outputs(of: input)
    if case .broken(let violation) = try trial.judgeLanes(of: input, first, &notes) {
      return .broken(violation)
    }
    for number in 1..<max(trial.subject.repeats, 2) {
      let again = try trial.outputs(of: input)
      let outcome = trial.comparison(
        first, again, allowed: nil, change: "in call \(number + 1) of the same logits",
        changedOutputs: again, &notes)
      if case .broken = outcome { return outcome }
    }
    return .kept
  }
}
