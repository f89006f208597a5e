import AuditRecords
import AuditedOperations
import SoftmaxVariants

extension Law {
  /// Finite logits give probabilities.
  ///
  /// Catches exponentials that overflow, fixed-point and quantized arithmetic that wraps, another
  /// function in place of softmax (a logarithm is negative), and memory that was never written.
  package static let range = Law(
    "range", "Finite logits give numbers from 0 to 1, and no NaN.", grade: .required,
    tolerance: "none: an output is a probability or it is not",
    catches: [.overflow, .wrongFunction, .indexWidth, .tails],
    wordings: [
      .logSoftmax: "Finite logits give numbers that are not above 0, and no NaN.",
      .logSumExp: "Finite logits give a number, and no NaN.",
      .crossEntropy: "Finite logits give a loss that is not below 0, and no NaN.",
      .softmaxVJP: "Finite logits give a number, and no NaN.",
      .softmaxBackward: "Probabilities give a number, and no NaN.",
      .logSoftmaxVJP: "Finite logits give a number, and no NaN.",
      .crossEntropyVJP: "Finite logits give a number, and no NaN.",
      .softmaxJacobian: "Finite logits give numbers from -1 to 1, and no NaN.",
    ],
    budget: Budget(random: 300), takesAnyLane: true,
    inapplicability: { subject in
      // The rounded logarithm of a sum that was not shifted can lie below the largest logit.
      subject.operation == .logSoftmax && subject.model?.variant?.algorithmName == "naive"
        ? "the declared model can be above 0 by a rounding" : nil
    },
    cases: { LaneCases.lanes($0).cases }
  ) { input, trial, _ in
    let outputs = try trial.outputs(of: input)
    return try trial.rangeViolation(outputs, of: input.lane(0)).map { .broken($0) } ?? .kept
  }
}
