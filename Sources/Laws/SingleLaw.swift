import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting
import SoftmaxVariants

extension Law {
  /// One logit alone gives exactly 1.
  package static let single = Law(
    "single", "A lane of one finite logit gives exactly 1.", grade: .consistency,
    tolerance: "none: 1", catches: [.emptiness, .overflow],
    of: [.softmax, .logSoftmax, .logSumExp],
    wordings: [
      .logSoftmax: "A lane of one finite logit gives exactly 0.",
      .logSumExp: "A lane of one finite logit gives that logit.",
    ],
    budget: Budget(random: 100, edges: 24), form: .tensor(), isAboutLengths: true,
    inapplicability: { subject in
      // exp and log, one after the other, round.
      subject.operation != .softmax && subject.model?.variant?.algorithmName == "naive"
        ? "the declared model rounds the exponential of the logit" : nil
    },
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
    for (lane, y) in outputs.enumerated() {
      let exact = trial.onlyValue(of: input.logits[lane])
      guard y != exact else { continue }
      return .broken(
        Violation(
          "the only logit \(trial.text(input.logits[lane])) of a lane gives \(trial.text(y)), where \(exact == 1 ? "1" : exact == 0 ? "0" : trial.text(exact)) is exact",
          kind: y.isNaN ? "NaN" : "not \(exact == 1 ? "1" : "exact")"))
    }
    return .kept
  }
}

extension LawTrial {
  /// The output of a lane of one finite logit, which rounds where the output format is narrower.
  fileprivate func onlyValue(of logit: Double) -> Double {
    if subject.operation == .softmax { return 1 }
    return subject.operation == .logSoftmax ? 0 : subject.output.rounded(logit)
  }
}
