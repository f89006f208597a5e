import AuditRecords
import AuditedOperations
import PropertyTesting

extension Law {
  /// One logit alone gives exactly 1.
  package static let single = Law(
    "single", "A lane of one finite logit gives exactly 1.", grade: .consistency,
    tolerance: "none: 1", catches: [.emptiness, .overflow],
    budget: Budget(random: 100, edges: 24), form: .tensor(), isAboutLengths: true,
    cases: { format in
      let values = LaneCases.any(format, count: 1...1)
      return Generator { source in
        let count = try source.integer(in: 1...5)
        return LawCase(lanes: try (0..<count).map { _ in try values.generate(from: &source) })
      }
    }
  ) { input, trial, _ in
    guard input.geometry.length == 1 else { return .inapplicable("lanes of one logit only") }
    let outputs = try trial.outputs(of: input)
    for (lane, y) in outputs.enumerated() where y != 1 {
      return .broken(
        Violation(
          "the only logit \(trial.text(input.logits[lane])) of a lane gives \(trial.text(y)), where 1 is exact",
          kind: y.isNaN ? "NaN" : "not 1"))
    }
    return .kept
  }
}
