import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// A lane whose target is the ignored one has loss and gradients of exactly 0, whatever its
  /// logits.
  static let ignoredTargets = Law(
    "ignored-targets", "A lane whose target is the ignored one gives exactly 0.",
    grade: .required, tolerance: "none", catches: [.formula, .specialValues],
    of: [.crossEntropy, .crossEntropyVJP],
    budget: Budget(random: 100, edges: 24), form: .tensor(),
    accompanying: { $0.ignoresLanes = true },
    cases: { format in
      let lanes = LaneCases.readable(format, count: 1...60)
      return Generator { source in
        let lane = try lanes.generate(from: &source)
        let count = try source.integer(in: 1...6)
        // Lanes that differ, so that some are ignored and others are not.
        return LawCase(
          lanes: (0..<count).map { number in
            lane.enumerated().map {
              $0.offset == 0 ? format.finite($0.element + Double(number)) : $0.element
            }
          })
      }
    }
  ) { input, trial, notes in
    guard let rule = trial.subject.called(with: input).accompanying else {
      return .inapplicable("it has no targets")
    }
    let outputs = try trial.outputs(of: input)
    let ignored = rule.ignoreIndex
    for number in 0..<input.laneCount where rule.target(of: input.lane(number)) == ignored {
      let lane = trial.lane(number, of: outputs, input)
      if let index = lane.firstIndex(where: { $0 != 0 }) {
        return .broken(
          Violation(
            "output \(index) of lane \(number) is \(trial.text(lane[index])), where the target \(ignored) is ignored and 0 is exact",
            kind: "ignored", cause: .notIgnored))
      }
    }
    return try trial.judgeLanes(of: input, outputs, &notes)
  }
}
