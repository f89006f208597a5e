import AuditRecords
import Oracle
import PropertyTesting

extension Law {
  /// Lanes that have no softmax come out as the policy says, and their neighbours unharmed.
  ///
  /// A NaN, a +inf, or -inf only, at every place of lanes of many lengths, and in every place of a
  /// batch: real kernels treat n = 127 and n = 128 differently.
  static let specialLanes = Law(
    "special-lanes",
    "Lanes with a NaN, a +inf or only -inf come out as the special-lane policy says; other lanes of the batch are as good as ever.",
    grade: .required,
    tolerance: "none for special lanes; the others as for componentwise-error",
    catches: [.specialValues],
    budget: Budget(random: 500, edges: 30), form: .tensor(),
    cases: { format in
      let lanes = LaneCases.readable(format, count: 1...300)
      return Generator { source in
        let lane = try lanes.generate(from: &source).map { max(-32, min(32, $0)) }
        let kind = try source.integer(in: 0...4)
        let count = try source.integer(in: 1...5)
        let place = try source.integer(in: 0...count - 1)
        let first = try source.integer(in: 0...lane.count - 1)
        var special = lane
        switch kind {
        case 0: special[first] = .nan
        case 1: special[first] = .infinity
        case 2: special = lane.map { _ in -.infinity }
        case 4:
          // A maximum may be either of them, and so may what is looked for.
          special[(first + 1) % lane.count] = .infinity
          special[first] = .nan
        default:
          // Everything masked but the trouble.
          special = lane.map { _ in -.infinity }
          special[first] = .nan
        }
        return LawCase(lanes: (0..<count).map { $0 == place ? special : lane })
      }
    }
  ) { input, trial, notes in
    let outputs = try trial.outputs(of: input)
    return try trial.judgeSpecialLanes(of: input, outputs, &notes)
  }
}
