import AuditRecords
import AuditedOperations
import ErrorMeasurement
import Oracle
import PropertyTesting

extension Law {
  /// A sink of -inf takes no share.
  static let sinkAbsent = Law(
    "sink-absent", "With a sink of -inf outputs are those without a sink.", grade: .required,
    tolerance: "what is tolerated of plain outputs", catches: [.specialValues, .formula],
    of: [.softmax, .logSoftmax, .logSumExp], budget: Budget(random: 60, edges: 8),
    modifiers: [.sink],
    cases: { ModifiedCases.lanes($0, always: [.sink]) }
  ) { input, trial, notes in
    guard var rule = trial.offered(input, [.sink]) else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    rule.given = ModifierRule.Given()
    rule.sink = .absent
    let outputs = try trial.outputs(of: input, with: rule)
    trial.consider(nil)
    return try trial.judgeLanes(of: input, outputs, &notes)
  }

  /// With a sink the outputs sum to 1 less its share.
  static let sinkShare = Law(
    "sink-share", "With a sink the probabilities sum to 1 less the sink's share.",
    grade: .required, tolerance: "the sum of what is tolerated of each output",
    catches: [.formula, .wrongFunction], of: [.softmax],
    budget: Budget(random: 100, edges: 12), modifiers: [.sink],
    cases: { ModifiedCases.lanes($0, always: [.sink]) }
  ) { input, trial, notes in
    guard trial.offered(input, [.sink]) != nil else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    let lane = input.lane(0)
    guard let rule = input.accompanying?.modifiers.map({ trial.sinkAlone($0) }) else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    trial.consider(rule)
    guard let tolerance = try trial.tolerance(of: lane) else {
      return .inapplicable(trial.reasonWithoutTolerance(of: lane))
    }
    let outputs = try trial.outputs(of: input, with: rule)
    if let violation = try trial.rangeViolation(outputs) { return .broken(violation) }
    let reference = trial.reference(of: lane)
    let sum = outputs.reduce(0, +)
    let exact = lane.indices.reduce(0) { $0 + reference.value(at: $1).approximate }
    // 2^-40 covers the roundings of both sums.
    let allowed = tolerance.bounds.reduce(0, +) + 0x1p-40 * exact
    let ratio = abs(sum - exact) / allowed
    notes.score(ratio)
    guard ratio > 1 else { return .kept }
    return .broken(
      Violation(
        "the outputs sum to \(sum), where the sink's share of \(1 - exact) leaves \(exact)",
        kind: "share", severity: ratio))
  }
}

extension LawTrial {
  /// A rule with nothing but its sink.
  fileprivate func sinkAlone(_ rule: ModifierRule) -> ModifierRule {
    var alone = rule.keeping([.sink])
    alone.given.sink = subject.givenModifiers.sink
    return alone
  }
}
