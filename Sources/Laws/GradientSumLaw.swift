import AuditRecords
import AuditedOperations
import ErrorMeasurement
import PropertyTesting

extension Law {
  /// Gradients by the logits of a lane sum to 0: a shift of all logits changes no output.
  static let gradientSum = Law(
    "gradient-sum", "The gradients of a lane sum to 0.", grade: .required,
    tolerance: "the sum of what is tolerated of each",
    catches: [.formula, .axes, .lowPrecision],
    of: [.softmaxVJP, .logSoftmaxVJP, .crossEntropyVJP],
    budget: Budget(random: 200, edges: 12),
    cases: { LaneCases.lanes($0, count: 1...600).cases }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let outputs = try trial.outputs(of: input)
    guard let tolerance = try trial.tolerance(of: lane) else {
      return .inapplicable(trial.reasonWithoutTolerance(of: lane))
    }
    guard outputs.allSatisfy({ $0.isFinite }) else { return .inapplicable("outputs overflow") }
    // Sums of n numbers in binary64 are off by less than n 2^-52 of the largest.
    let sum = outputs.reduce(0, +)
    let slack = outputs.reduce(0) { $0 + abs($1) } * Double(outputs.count) * 0x1p-52
    let allowed = tolerance.bounds.reduce(0, +) * (1 + 0x1p-30) + slack
    let ratio = sum == 0 ? 0 : abs(sum) / allowed
    notes.score(ratio)
    guard ratio > 1 else { return .kept }
    return .broken(
      Violation(
        "the gradients sum to \(sum), where 0 is exact and \(allowed) is tolerated", kind: "sum",
        severity: ratio))
  }
}
