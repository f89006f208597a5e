import AuditRecords
import PropertyTesting

extension Law {
  /// A lane gives the same bits alone and at every place of a batch.
  ///
  /// Catches kernels that choose another order of summation for another batch, and last lanes that
  /// are treated apart.
  package static let batchInvariance = Law(
    "batch-invariance",
    "A lane gives the same bits alone and at every place of a batch of any size.",
    grade: .consistency, tolerance: "none: the same bits",
    catches: [.nondeterminism, .tails, .memoryLayout],
    budget: Budget(random: 150, edges: 12), form: .lane([2...9]), takesAnyLane: true,
    cases: { format in
      let lanes = LaneCases.lanes(format, count: 1...1100)
      return Generator { source in
        let lane = try lanes.generate(from: &source)
        return LawCase(lane: lane, arguments: [try source.integer(in: 2...9)])
      }
    }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let alone = try trial.outputs(of: input)
    let size = input.arguments[0]
    for place in 0..<size {
      let other = lane.indices.map { Double(($0 * 3 + place) % 7) }
      let batch = LawCase(lanes: (0..<size).map { $0 == place ? lane : other })
      let outputs = try trial.outputs(of: batch)
      let outcome = trial.comparison(
        alone, trial.lane(place, of: outputs, batch), allowed: nil,
        change: "as lane \(place) of a batch of \(size)", changedOutputs: outputs, &notes)
      if case .broken = outcome { return outcome }
    }
    return .kept
  }
}
