import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting

extension Law {
  /// Values of 1 give outputs of 1, however weights are rounded on their way.
  ///
  /// Catches weights that are clipped or rounded in the second product and not in their sum, and
  /// sums that lean to one side.
  static let unitValues = Law(
    "unit-values", "Where every value is 1 every output is 1.", grade: .required,
    tolerance: "the bound of the row, where nothing but sums and roundings of weights is left",
    catches: [.lowPrecision, .quantized, .rounding], of: [.attention],
    budget: Budget(random: 120, edges: 12), form: .tensor(AttentionCase.ranges),
    cases: {
      AttentionCases.cases($0, sometimes: [.scale, .softcap, .causal, .mask])
        .map(\.withUnitValues).lawCases
    }
  ) { input, trial, notes in
    guard var made = trial.attention(input) else { return .inapplicable(LawTrial.noAttention) }
    // A sink takes its share.
    made.rule = made.rule.keeping([.scale, .softcap, .causal, .mask])
    made = made.withUnitValues
    let rows = AttentionRows(made, in: trial.subject.input)
    return trial.judge(try trial.answer(to: made), rows, &notes)
  }
}

extension Law {
  /// Values that are all larger by a number make every output larger by that number.
  static let valueShift = Law(
    "value-shift", "Values shifted by a number shift every output by that number.",
    grade: .required, tolerance: "the bounds of both rows together",
    catches: [.formula, .lowPrecision], of: [.attention],
    budget: Budget(random: 80, edges: 8), form: .tensor(AttentionCase.ranges + [0...3]),
    cases: { format in
      let cases = AttentionCases.cases(format, sometimes: [.scale, .softcap, .causal, .mask])
      return Generator { source in
        var made = try cases.generate(from: &source).withQuarterValues
        made.arguments = [try source.integer(in: 0...3)]
        return made.lawCase
      }
    }
  ) { input, trial, notes in
    guard var made = trial.attention(input) else { return .inapplicable(LawTrial.noAttention) }
    let shift = [1.0, -2, 8, -16][made.arguments[0]]
    made.rule = made.rule.keeping([.scale, .softcap, .causal, .mask])
    // Shifted values are numbers of every format.
    made = made.withQuarterValues
    var shifted = made
    shifted.value = made.value.map { $0 + shift }
    let (rows, others) = (
      AttentionRows(made, in: trial.subject.input), AttentionRows(shifted, in: trial.subject.input)
    )
    let before = try trial.answer(to: made)
    let after = try trial.answer(to: shifted)
    return trial.comparison(
      before.outputs, after.outputs.map { $0 - shift },
      allowed: zip(trial.bounds(rows), trial.bounds(others)).map { $0 + $1 },
      change: "above the shift after values were shifted by \(shift)",
      changedOutputs: after.outputs, &notes)
  }
}

extension Law {
  /// An output lies between the least and the largest value that its query sees.
  static let convexity = Law(
    "convexity",
    "Every output lies between the least and the largest of the values that its query sees, and 0 where there is a sink.",
    grade: .required, tolerance: "the bound of the row",
    catches: [.formula, .lowPrecision, .rounding], of: [.attention],
    budget: Budget(random: 120, edges: 12), form: .tensor(AttentionCase.ranges),
    cases: { AttentionCases.cases($0).lawCases }
  ) { input, trial, notes in
    guard let made = trial.attention(input) else { return .inapplicable(LawTrial.noAttention) }
    let rows = AttentionRows(made, in: trial.subject.input)
    let answer = try trial.answer(to: made)
    return trial.judgeRows(rows) { number in
      let row = rows.row(number).row
      let keys = (0..<made.keys).filter(row.sees)
      guard !keys.isEmpty, let tolerance = trial.tolerance(of: number, rows) else {
        return .inapplicable(LawTrial.withoutBound)
      }
      let hasSink = (row.modifiers.sink ?? -.infinity) > -.infinity
      for (channel, y) in rows.outputs(number, of: answer.outputs).enumerated() {
        var (least, largest) = hasSink ? (0.0, 0.0) : (Double.infinity, -Double.infinity)
        for key in keys {
          least = min(least, row.head.value(key, channel))
          largest = max(largest, row.head.value(key, channel))
        }
        // The tolerance of the exact value is also that of its ends.
        let bound = tolerance.bounds[channel] * (1 + 0x1p-40)
        if y >= least - bound, y <= largest + bound { continue }
        return .broken(
          Violation(
            "output \(channel) of \(rows.name(number)) is \(trial.text(y)), and the values go from "
              + "\(least) to \(largest)", kind: y.isNaN ? "NaN" : "outside"))
      }
      return .kept
    }
  }
}

extension Law {
  /// Values of ones and zeros show the weights, which are at least 0.
  ///
  /// Catches weights that vanish from the second product, or are rounded or clipped there, where
  /// ordinary values hide it.
  static let weightsShown = Law(
    "weights-shown",
    "Where channel c of the values is 1 at one key and 0 elsewhere, output c is that key's probability.",
    grade: .required, tolerance: "the bound of the row; below 0 none",
    catches: [.underflow, .quantized, .lowPrecision], of: [.attention],
    budget: Budget(random: 120, edges: 12), form: .tensor(AttentionCase.ranges + [0...0xFFFF]),
    cases: { format in
      let cases = AttentionCases.cases(format)
      return Generator { source in
        var made = try cases.generate(from: &source)
        made.arguments = [try source.integer(in: 0...0xFFFF)]
        return made.showingWeights(from: made.arguments[0]).lawCase
      }
    }
  ) { input, trial, notes in
    guard var made = trial.attention(input), made.keys > 0 else {
      return .inapplicable(LawTrial.noAttention)
    }
    made = made.showingWeights(from: made.arguments[0])
    let width = made.valueDimension
    let rows = AttentionRows(made, in: trial.subject.input)
    let answer = try trial.answer(to: made)
    if let place = answer.outputs.firstIndex(where: { $0 < 0 }) {
      let number = place / max(1, width)
      return .broken(
        Violation(
          "output \(place % width) of \(rows.name(number)), a probability, is "
            + trial.text(answer.outputs[place]), kind: "negative"))
    }
    return trial.judge(answer, rows, &notes)
  }
}
