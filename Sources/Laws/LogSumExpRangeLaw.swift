import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting
import RealModule

extension Law {
  /// The logsumexp lies between the largest logit and ln n above it.
  static let logSumExpRange = Law(
    "logsumexp-range", "The output is at least the largest logit, and at most ln n larger.",
    grade: .required, tolerance: "what is tolerated of the output",
    catches: [.overflow, .wrongFunction, .formula], of: [.logSumExp],
    budget: Budget(random: 300), takesAnyLane: true,
    cases: { LaneCases.lanes($0, count: 1...8192).cases }
  ) { input, trial, notes in
    let lane = input.lane(0)
    guard let output = try trial.outputs(of: input).first, let largest = lane.max(),
      let allowed = try trial.tolerance(of: lane)?.bounds.first
    else { return .inapplicable(trial.reasonWithoutTolerance(of: lane)) }
    // The format may have no number as large as the value.
    guard largest < trial.subject.output.greatestFinite / 2 else { return .kept }
    let most = largest + Double.log(Double(lane.filter { $0 > -.infinity }.count))
    let slack = allowed + 0x1p-50 * (abs(largest) + abs(most))
    guard !(output >= largest - slack && output <= most + slack) else { return .kept }
    notes.score(.greatestFiniteMagnitude)
    return .broken(
      Violation(
        "the logsumexp of \(lane.count) logits, the largest \(trial.text(largest)), is \(trial.text(output)), which is not between that and \(most)",
        kind: output.isNaN ? "NaN" : output < largest ? "too small" : "too large"))
  }
}
