import AuditRecords
import AuditedOperations
import FloatFormats
import Oracle
import PropertyTesting

extension Law {
  /// The outputs react to each modifier, and to its absence.
  ///
  /// A sink, a cap or a scale that is accepted and ignored leaves every bit as it was.
  static let attentionReacts = Law(
    "attention-reacts",
    "The outputs change with the scale, the soft cap, the mask and the sink where exact ones do.",
    grade: .required, tolerance: "none where exact outputs differ by more than is tolerated",
    catches: [.formula, .temperature, .specialValues], of: [.attention],
    budget: Budget(random: 120, edges: 16), form: .tensor(AttentionCase.ranges),
    modifiers: [.scale, .softcap, .causal, .mask, .sink],
    cases: { AttentionCases.cases($0, .init(keys: 2...40)).lawCases }
  ) { input, trial, notes in
    guard let made = trial.attention(input), !made.rule.kinds.isEmpty else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    let answer = try trial.answer(to: made)
    let rows = AttentionRows(made, in: trial.subject.input)
    var judged = false
    for kind in ModifierKind.allCases where made.rule.kinds.contains(kind) {
      var without = made
      without.rule = made.rule.keeping(made.rule.kinds.subtracting([kind]))
      let others = AttentionRows(without, in: trial.subject.input)
      let (bounds, otherBounds) = (trial.bounds(rows), trial.bounds(others))
      let differ = (0..<rows.count).contains { number in
        let (one, other) = (trial.values(of: number, rows), trial.values(of: number, others))
        guard one.special == nil, other.special == nil else { return false }
        return (0..<one.count).contains {
          let place = number * made.valueDimension + $0
          return abs(one.value(at: $0).approximate - other.value(at: $0).approximate)
            > 2 * (bounds[place] + otherBounds[place])
        }
      }
      guard differ else { continue }
      judged = true
      let changed = try trial.answer(to: without)
      if answer.outputs.hasSameBits(as: changed.outputs) {
        let exact = (0..<others.count).flatMap { number -> [Double] in
          let row = trial.values(of: number, others)
          return (0..<made.valueDimension).map {
            row.special == nil ? row.value(at: $0).approximate : .nan
          }
        }
        return .broken(
          .unfelt(
            kind, outputs: changed.outputs, exactWithout: exact, bounds: otherBounds))
      }
    }
    return judged ? .kept : .inapplicable("its modifiers change no output by enough")
  }
}
