import AuditRecords
import PropertyTesting

extension Law {
  /// The same input gives the same bits, whatever was computed in between.
  ///
  /// Catches races, state that outlives a call, and uninitialized memory. Sixteen calls with other
  /// inputs of other lengths lie between the first and the last.
  package static let determinism = Law(
    "determinism", "The same logits give the same bits in each of 17 calls with others in between.",
    grade: .consistency, tolerance: "none: the same bits",
    catches: [.nondeterminism],
    budget: Budget(random: 40, edges: 6), form: .lane([0...2]), takesAnyLane: true,
    cases: { format in
      let lanes = LaneCases.lanes(format, count: 1...600)
      return Generator { source in
        let lane = try lanes.generate(from: &source)
        return LawCase(lane: lane, arguments: [try source.integer(in: 0...2)])
      }
    }
  ) { input, trial, notes in
    // Now and then the first call is the first of its process: caches are filled there, and kernels
    // are chosen.
    if input.arguments[0] == 1 { try trial.renew() }
    let first = try trial.outputs(of: input)
    for number in 1...16 {
      // Lengths and values change from call to call, and come back.
      let count = 1 + (number * 37) % 101
      let other = (0..<count).map { Double(($0 * number) % 13) / 2 - 3 }
      _ = try trial.outputs(of: LawCase(lane: other))
      let again = try trial.outputs(of: input)
      let outcome = trial.comparison(
        first, again, allowed: nil, change: "in call \(number + 1)", changedOutputs: again, &notes)
      if case .broken = outcome { return outcome }
    }
    return .kept
  }
}
