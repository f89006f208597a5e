import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import Oracle
import PropertyTesting

extension Law {
  /// The outputs react to each modifier.
  ///
  /// A parameter that is accepted and ignored leaves every bit as it was. Where the exact outputs
  /// with and without it lie further apart than both tolerances, some output has to change.
  static let modifiersReact = Law(
    "modifiers-react", "The outputs change with the scale, the soft cap, the mask and the sink.",
    grade: .required, tolerance: "none where exact outputs differ by more than is tolerated",
    catches: [.formula, .temperature, .specialValues],
    of: [.softmax, .logSoftmax, .logSumExp], budget: Budget(random: 100, edges: 16),
    modifiers: [.scale, .softcap, .mask, .sink],
    cases: {
      ModifiedCases.lanes($0, count: 2...40, sometimes: [.scale, .softcap, .mask, .sink])
    }
  ) { input, trial, notes in
    guard let rule = trial.offered(input, [.scale, .softcap, .mask, .sink]) else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    let lane = input.lane(0)
    let outputs = try trial.outputs(of: input, with: rule)
    /// The exact outputs by a rule, and how far each may be off; `nil` where the lane has none.
    func exact(_ rule: ModifierRule) throws -> (values: [Double], bounds: [Double])? {
      trial.consider(rule)
      guard let tolerance = try trial.tolerance(of: lane) else { return nil }
      let reference = trial.reference(of: lane)
      let values = tolerance.bounds.indices.map { reference.value(at: $0).approximate }
      return (values, tolerance.bounds)
    }
    guard let own = try exact(rule) else { return .inapplicable(LawTrial.withoutBound) }
    var judged = false
    for kind in ModifierKind.allCases where rule.kinds.contains(kind) {
      let other = rule.keeping(rule.kinds.subtracting([kind]))
      guard let without = try exact(other) else { continue }
      let differ = own.values.indices.contains {
        abs(own.values[$0] - without.values[$0]) > 2 * (own.bounds[$0] + without.bounds[$0])
      }
      guard differ else { continue }
      judged = true
      let changed = try trial.outputs(of: input, with: other)
      if outputs.hasSameBits(as: changed) {
        // The witness shows the exact values with it.
        trial.consider(rule)
        return .broken(
          .unfelt(
            kind, outputs: changed, exactWithout: without.values, bounds: without.bounds))
      }
    }
    trial.consider(rule)
    return judged ? .kept : .inapplicable("its modifiers change no output by enough")
  }
}

extension Violation {
  /// A modifier that changes no bit of the outputs, where it changes the exact ones.
  ///
  /// It is ignored where outputs are the exact ones without it. Where another modifier is wrong
  /// they may be those of neither.
  ///
  /// - Parameters:
  ///   - outputs: Those with and without it.
  ///   - exact: The exact outputs without it, NaN where there is none.
  ///   - bounds: The distances from those that are permitted.
  static func unfelt(
    _ kind: ModifierKind, outputs: [Double], exactWithout exact: [Double], bounds: [Double]
  ) -> Violation {
    let name = kind == .softcap ? "soft cap" : kind.rawValue
    let isIgnored = outputs.indices.allSatisfy {
      exact[$0].isNaN || outputs[$0] == exact[$0] || abs(outputs[$0] - exact[$0]) <= bounds[$0]
    }
    return Violation(
      "no output changes by a bit without the \(name), where exact outputs do"
        + (isIgnored ? ": it is ignored" : ", and they are exact neither with it nor without"),
      kind: "ignored \(kind.rawValue)", change: "without the \(name)", changedOutputs: outputs)
  }
}
