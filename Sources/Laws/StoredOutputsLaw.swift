import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Stored outputs of a softmax are taken as they are, whether or not they sum to 1.
  ///
  /// A dropout zeroes some of them, a mask too, and rounding keeps them from summing to 1. The
  /// rounded softmaxes that other laws draw sum to 1 within the tolerance: what normalizes them
  /// again shows nowhere but here.
  static let storedOutputs = Law(
    "stored-outputs",
    "Stored outputs are taken as they are: some set to 0, all times a power of two.",
    grade: .required, tolerance: "as for componentwise-error", catches: [.formula],
    of: [.softmaxBackward], budget: Budget(random: 100, edges: 12), form: .lane([0...3, 0...4]),
    cases: { format in
      let lanes = LaneCases.readable(format, count: 1...300)
      return Generator { source in
        LawCase(
          lane: try lanes.generate(from: &source),
          arguments: [
            try source.integer(in: 0...3, simplest: 0), try source.integer(in: 0...4, simplest: 0),
          ])
      }
    }
  ) { input, trial, notes in
    // Times more than 1: what is below the normal range loses no bit.
    let factor = Double(1 << input.arguments[0])
    let kept = input.arguments[1]
    let stored = input.logits.enumerated().map { index, y in
      kept > 0 && index % (kept + 1) == kept ? 0 : y * factor
    }
    return try trial.judgeLanes(of: input.replacing(logits: stored), &notes)
  }
}
