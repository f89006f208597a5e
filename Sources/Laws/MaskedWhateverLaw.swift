import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Hidden logits do not matter, and have outputs of exactly 0.
  ///
  /// Catches masks that are multiplied, or added before a cap that makes -inf a number, large
  /// numbers in the place of -inf, and maxima that hidden logits take part in.
  static let maskedWhatever = Law(
    "masked-whatever",
    "A mask of -inf gives probabilities of exactly 0, whatever finite logits stand behind it, and the others are as without them.",
    grade: .required, tolerance: "0 where hidden; else what is tolerated",
    catches: [.specialValues, .formula, .overflow], of: [.softmax, .logSoftmax, .logSumExp],
    budget: Budget(random: 120, edges: 12), form: .lane([0...5]), modifiers: [.mask],
    cases: { format in
      let lanes = ModifiedCases.lanes(
        format, count: 2...60, always: [.mask], sometimes: [.scale, .softcap])
      return Generator { source in
        var input = try lanes.generate(from: &source)
        input.accompanying?.modifiers?.mask = .hides
        input.arguments = [try source.integer(in: 0...5)]
        return input
      }
    }
  ) { input, trial, notes in
    guard var rule = trial.offered(input, [.mask]) else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    let lane = input.lane(0)
    rule.origin = lane
    let mask = rule.lane(of: lane, in: trial.subject.input).mask ?? []
    let other = [0.0, 1000, -1000, 200, -30_000, 30_000][input.arguments[0]]
    var changed = lane
    for index in lane.indices where mask[index] == -.infinity {
      changed[index] = trial.subject.input.rounded(other)
    }
    trial.consider(rule)
    let made = input.replacing(logits: changed)
    let outputs = try trial.outputs(of: made, with: rule)
    return try trial.judgeLanes(of: made, outputs, &notes)
  }
}
