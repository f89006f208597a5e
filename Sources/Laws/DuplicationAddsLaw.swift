import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting
import RealModule

extension Law {
  /// A lane followed by itself has a logsumexp larger by ln 2, and log-probabilities smaller by it.
  static let duplicationAdds = Law(
    "duplication-adds", "A lane followed by itself has outputs that are ln 2 larger.",
    grade: .promised, tolerance: "what is tolerated of both outputs together",
    catches: [.lowPrecision, .tails], of: [.logSoftmax, .logSumExp],
    wordings: [.logSoftmax: "A lane followed by itself has outputs that are ln 2 smaller."],
    budget: Budget(random: 200, edges: 12), takesAnyLane: true,
    cases: { LaneCases.lanes($0, count: 1...600).cases }
  ) { input, trial, notes in
    let step = (trial.subject.operation == .logSoftmax ? -1 : 1) * Double.log(2)
    return try trial.judgeDuplication(
      of: input,
      change: "after the lane was followed by itself (first is ln 2 from what it was)",
      becomes: { $0 + step },
      allowed: { before, first, second in first + second + 0x1p-51 * (1 + abs(before)) }, &notes)
  }
}
