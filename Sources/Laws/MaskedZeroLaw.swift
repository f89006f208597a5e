import AuditRecords
import AuditedOperations
import PropertyTesting

extension Law {
  /// A logit of -inf gets exactly zero, and the others what they would get without it.
  ///
  /// Catches masks that leak, and -inf - -inf where a block holds nothing else.
  package static let maskedZero = Law(
    "masked-zero", "A logit of -inf gives exactly 0, wherever it stands, and disturbs no other.",
    grade: .required,
    tolerance: "none for the masked outputs; the others as for componentwise-error",
    catches: [.specialValues, .tails],
    wordings: [
      .logSoftmax: "A logit of -inf gives exactly -inf, wherever it stands, and disturbs no other.",
      .logSumExp: "A logit of -inf, wherever it stands, changes nothing.",
      .crossEntropy: "A logit of -inf, wherever it stands, disturbs no other.",
      .logSoftmaxVJP: "A logit of -inf, wherever it stands, disturbs no other.",
      .crossEntropyVJP: "A logit of -inf, wherever it stands, disturbs no other.",
      .softmaxBackward: "A probability of 0, wherever it stands, disturbs no other.",
    ],
    budget: Budget(random: 400, edges: 24), takesAnyLane: true,
    cases: { format in
      Generator<[Double]>.frequency([
        (1, LaneCases.any(format, count: 1...300, masks: true)),
        (4, LaneCases.readable(format, count: 1...1100, masks: true)),
      ]).cases
    }
  ) { input, trial, notes in
    let lane = input.lane(0)
    guard lane.contains(where: { $0 > -.infinity }) else {
      return .inapplicable("a lane of -inf only has no softmax")
    }
    let outputs = try trial.outputs(of: input)
    if let violation = trial.maskViolation(outputs, lane: lane) { return .broken(violation) }
    return try trial.judgeLanes(of: input, outputs, &notes)
  }
}
