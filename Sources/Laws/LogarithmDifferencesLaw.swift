import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting

extension Law {
  /// Log-probabilities differ as their logits do.
  ///
  /// l_i - l_j = x_i - x_j, whatever the sum is: a factor on the logits, a logarithm to another
  /// base, and a sum that is not the same for all show. Each output is compared with that of the
  /// largest logit. The differences are taken in binary64, whose roundings are given on top.
  static let logarithmDifferences = Law(
    "differences", "Outputs of a lane differ as their logits do.", grade: .required,
    tolerance: "what is tolerated of both outputs together",
    catches: [.formula, .temperature, .approximation], of: [.logSoftmax],
    budget: Budget(random: 300), takesAnyLane: true,
    cases: { LaneCases.lanes($0, count: 1...600).cases }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let outputs = try trial.outputs(of: input)
    guard let tolerance = try trial.tolerance(of: lane),
      let first = lane.indices.max(by: { lane[$0] < lane[$1] })
    else { return .inapplicable(trial.reasonWithoutTolerance(of: lane)) }
    var worst: (ratio: Double, index: Int)?
    for index in lane.indices where lane[index] != -.infinity && outputs[index].isFinite {
      let distance = lane[first] - lane[index]
      guard distance.isFinite, outputs[first].isFinite else { continue }
      let off = abs((outputs[first] - outputs[index]) - distance)
      let allowed =
        tolerance.bounds[index] + tolerance.bounds[first]
        + 0x1p-51 * (distance + abs(outputs[index]) + abs(outputs[first]))
      let ratio = off == 0 ? 0 : off / allowed
      if ratio > worst?.ratio ?? 0 { worst = (ratio, index) }
    }
    guard let worst else { return .kept }
    notes.score(worst.ratio)
    guard worst.ratio > 1 else { return .kept }
    return .broken(
      Violation(
        "outputs \(first) and \(worst.index) are \(outputs[first] - outputs[worst.index]) apart, their logits "
          + "\(lane[first] - lane[worst.index]): \(worst.ratio) times what is tolerated of both",
        kind: "differences", severity: worst.ratio))
  }
}
