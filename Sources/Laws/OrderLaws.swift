import AuditRecords
import AuditedOperations
import ErrorMeasurement
import PropertyTesting

extension Law {
  /// A larger logit never has a smaller output.
  package static let monotone = Law(
    "monotone", "A larger logit has an output that is at least as large.", grade: .promised,
    tolerance: "none where promised; else what is tolerated of both outputs together",
    catches: [.equality, .approximation, .tails], of: [.softmax, .logSoftmax],
    budget: Budget(random: 300, edges: 12), takesAnyLane: true,
    cases: { LaneCases.lanes($0, count: 1...600).cases }
  ) { input, trial, notes in
    let lane = input.lane(0)
    let outputs = try trial.outputs(of: input)
    let isPromised = trial.subject.promisedLaws.contains("monotone")
    let tolerance = isPromised ? nil : try trial.tolerance(of: lane)
    guard isPromised || tolerance != nil else {
      return .inapplicable(trial.reasonWithoutTolerance(of: lane))
    }
    let order = lane.indices.sorted { lane[$0] < lane[$1] }
    for (smaller, larger) in zip(order, order.dropFirst()) where lane[smaller] < lane[larger] {
      var excess = outputs[smaller] - outputs[larger]
      if let tolerance {
        excess /=
          tolerance.bound(at: smaller, output: outputs[smaller])
          + tolerance.bound(at: larger, output: outputs[larger])
        notes.score(excess)
      }
      guard excess > (isPromised ? 0 : 1 + 0x1p-40) else { continue }
      return .broken(
        Violation(
          "logit \(larger) is larger than logit \(smaller), output \(trial.text(outputs[larger])) is smaller than \(trial.text(outputs[smaller]))",
          kind: "order", severity: isPromised ? nil : excess))
    }
    return .kept
  }

  /// The largest output belongs to a logit whose exact value is as good as the largest.
  ///
  /// What a classifier answers is the arg-max.
  package static let argMax = Law(
    "arg-max", "The largest output stands where the exact value is largest, within tolerance.",
    grade: .required,
    tolerance: "what is tolerated of the two outputs together",
    catches: [.axes, .wrongFunction, .approximation], of: [.softmax, .logSoftmax],
    budget: Budget(random: 300, edges: 12), takesAnyLane: true,
    cases: { LaneCases.lanes($0, count: 1...600).cases }
  ) { input, trial, _ in
    let lane = input.lane(0)
    let outputs = try trial.outputs(of: input)
    guard let tolerance = try trial.tolerance(of: lane),
      let right = lane.indices.max(by: { lane[$0] < lane[$1] }),
      let found = outputs.indices.max(by: { outputs[$0] < outputs[$1] })
    else { return .inapplicable(trial.reasonWithoutTolerance(of: lane)) }
    if let violation = try trial.rangeViolation(outputs) { return .broken(violation) }
    // If both outputs are within tolerance, the exact values are in the order of the outputs but
    // for both tolerances.
    let excess =
      (outputs[found] - outputs[right])
      / (tolerance.bound(at: found, output: outputs[found])
        + tolerance.bound(at: right, output: outputs[right]))
    guard lane[found] < lane[right], excess > 1 + 0x1p-40 else { return .kept }
    return .broken(
      Violation(
        "the largest output \(trial.text(outputs[found])) is that of logit \(found), the largest logit \(right) has \(trial.text(outputs[right]))",
        kind: "arg-max", severity: excess))
  }
}
