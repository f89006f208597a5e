import AuditRecords
import AuditedOperations
import ErrorMeasurement
import PropertyTesting

extension Law {
  /// The Jacobian of a softmax is symmetric.
  ///
  /// Catches a matrix whose rows and columns are divided or masked each in their own way.
  static let jacobianSymmetry = Law(
    "jacobian-symmetry", "The entry of a logit and an output is that of the two exchanged.",
    grade: .promised, tolerance: "what is tolerated of both entries together",
    catches: [.formula, .axes], of: [.softmaxJacobian],
    budget: Budget(random: 60, edges: 12),
    cases: { LaneCases.lanes($0, count: 1...32).cases }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let outputs = try trial.outputs(of: input)
    guard let tolerance = try trial.tolerance(of: lane) else {
      return .inapplicable(trial.reasonWithoutTolerance(of: lane))
    }
    let count = lane.count
    let transposed = outputs.indices.map { $0 % count * count + $0 / count }
    return trial.comparison(
      outputs, transposed.map { outputs[$0] },
      allowed: outputs.indices.map { tolerance.bounds[$0] + tolerance.bounds[transposed[$0]] },
      change: "with logit and output exchanged", changedOutputs: transposed.map { outputs[$0] },
      &notes)
  }
}
