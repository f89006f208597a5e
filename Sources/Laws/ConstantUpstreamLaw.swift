import AuditRecords
import AuditedOperations
import PropertyTesting

extension Law {
  /// A constant upstream gives 0: probabilities sum to 1 whatever the logits are.
  ///
  /// Catches a sum that is forgotten, detached or taken along another axis.
  static let constantUpstream = Law(
    "constant-upstream", "The same derivative by every output gives gradients of 0.",
    grade: .required, tolerance: "as for componentwise-error",
    catches: [.formula, .axes, .lowPrecision], of: [.softmaxVJP, .softmaxBackward],
    budget: Budget(random: 100, edges: 12), accompanying: { $0.upstream = .constant },
    cases: { LaneCases.lanes($0, count: 1...600).cases }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, &notes)
  }
}
