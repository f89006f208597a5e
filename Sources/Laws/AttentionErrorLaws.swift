import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Every output of an attention is near its exact value, whatever its modifiers.
  ///
  /// Catches whatever changes a number by more than roundings do: scores or sums in a narrow
  /// format, a scale, a cap, a mask or a sink that is forgotten or misplaced, heads that read
  /// others' keys, blocks that are left out, and sums that are not rescaled.
  static let attentionError = Law(
    "attention-error",
    "Every output of an attention is as near to its exact value as its row allows.",
    grade: .required,
    tolerance:
      "the largest bound of the sound forms in use, on the very row, with |q| . |k| in it",
    catches: [.lowPrecision, .formula, .tails], of: [.attention],
    budget: Budget(random: 300, edges: 16, targeted: 128), form: .tensor(AttentionCase.ranges),
    cases: { AttentionCases.cases($0).lawCases }
  ) { input, trial, notes in
    guard let made = trial.attention(input) else { return .inapplicable(LawTrial.noAttention) }
    let rows = AttentionRows(made, in: trial.subject.input)
    return trial.judge(try trial.answer(to: made), rows, &notes)
  }
}

extension Law {
  /// The logsumexp that an attention gives beside its output is natural, and near its exact value.
  ///
  /// Catches those in base 2, without the maximum, without the sink, or of probabilities that were
  /// rounded.
  static let attentionLogSumExp = Law(
    "attention-logsumexp",
    "The logsumexp of a query is the natural logarithm of the sum of all exponentials, the sink among them.",
    grade: .required,
    tolerance: "the largest bound of the sound forms in use, on the very row",
    catches: [.wrongFunction, .formula, .lowPrecision], of: [.attention],
    budget: Budget(random: 150, edges: 12), form: .tensor(AttentionCase.ranges),
    cases: { AttentionCases.cases($0).lawCases }
  ) { input, trial, notes in
    guard let made = trial.attention(input) else { return .inapplicable(LawTrial.noAttention) }
    let rows = AttentionRows(made, in: trial.subject.input)
    let answer = try trial.answer(to: made)
    // Implementations that give none are not asked for one.
    guard let given = answer.logSumExp else { throw OutsideDomain() }
    return trial.judgeRows(rows) {
      trial.judge([given.numbers[$0]], $0, .logSumExp, in: given.format, rows, &notes)
    }
  }
}
