import AuditRecords
import AuditedOperations
import MultiPrecision

extension Law {
  /// The outputs of a lane sum to one.
  ///
  /// The sum is exact, as a sum in floating point would saturate where the softmax under test does.
  /// With |y_i - p_i| <= t_i for every output, |sum y - 1| <= sum t_i; the relative parts of the
  /// t_i add up to (2A + 2 kappa + 1 + S/u) u with A = sum p_j d_j <= ln n, which is small however
  /// far the logits are apart.
  package static let sumToOne = Law(
    "sum-to-one", "The outputs of a lane sum to one.", grade: .required,
    tolerance: "|sum y - 1| <= the sum of what is tolerated of the outputs, the sum taken exactly",
    catches: [.lowPrecision, .axes, .memoryLayout, .tails, .nondeterminism, .quantized],
    of: [.softmax],
    budget: Budget(random: 300), takesAnyLane: true,
    cases: { LaneCases.lanes($0, count: 1...8192).cases }
  ) { input, trial, notes in
    let outputs = try trial.outputs(of: input)
    return try trial.judgeSum(outputs, lane: input.lane(0), &notes)
  }
}
