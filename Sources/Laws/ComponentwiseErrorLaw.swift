import AuditRecords

extension Law {
  /// Every output is near its exact value.
  ///
  /// Catches approximate exponentials and reciprocals, accumulators of low precision, and formulas
  /// that cancel.
  package static let componentwiseError = Law(
    "componentwise-error", "Every output is as near to its exact value as its lane allows.",
    grade: .required,
    tolerance:
      "|y - p| <= p B + alpha, evaluated on the lane: the bound of the declared model, or what any sound softmax keeps to",
    catches: [
      .approximation, .lowPrecision, .formula, .contraction, .types, .temperature,
      .quantized,
    ],
    budget: Budget(random: 800, edges: 30, targeted: 640), takesAnyLane: true,
    cases: { LaneCases.lanes($0).cases }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, &notes)
  }
}
