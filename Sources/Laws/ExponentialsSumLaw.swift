import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting
import RealModule
import SoftmaxVariants

extension Law {
  /// The exponentials of log-probabilities sum to one.
  ///
  /// With |y_i - l_i| <= t_i, |sum e^(y_i) - 1| <= sum p_i (e^(t_i) - 1). The sum is taken in
  /// binary64 with its roundings apart: for n terms it is good to (n + 4) 2^-53, which is given on
  /// top.
  static let exponentialsSum = Law(
    "exponentials-sum", "The exponentials of the outputs of a lane sum to one.", grade: .required,
    tolerance: "|sum e^y - 1| <= sum p (e^t - 1), t what is tolerated of each output",
    catches: [.lowPrecision, .axes, .formula, .tails], of: [.logSoftmax],
    budget: Budget(random: 300), takesAnyLane: true,
    cases: { LaneCases.lanes($0, count: 1...8192).cases }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let outputs = try trial.outputs(of: input)
    guard let profile = LaneProfile(exactly: lane), let tolerance = try trial.tolerance(of: lane)
    else { return .inapplicable(trial.reasonWithoutTolerance(of: lane)) }
    if let violation = try trial.rangeViolation(outputs), violation.kind == "NaN" {
      return .broken(violation)
    }
    let sum = outputs.reduce(0) { $0 + Double.exp($1) }
    let allowed =
      Double(lane.count + 4) * 0x1p-53
      + lane.indices.reduce(0) {
        $0 + profile.probability($1) * Double.expMinusOne(min(700, tolerance.bounds[$1]))
      }
    let ratio = abs(sum - 1) / (allowed * (1 + 0x1p-30))
    notes.score(ratio)
    guard !(ratio <= 1) else { return .kept }
    return .broken(
      Violation(
        "the exponentials of the outputs sum to \(sum), where 1 is right and \(allowed) more or less is tolerated",
        kind: "sum", severity: ratio))
  }
}
