import AuditRecords
import AuditedOperations
import ErrorMeasurement
import FloatFormats
import PropertyTesting

extension Law {
  /// A scale by a power of two agrees with logits that are multiplied by it beforehand.
  ///
  /// No exact value takes part but those that tolerances are made of: it tells of a scale that is
  /// applied twice, or to something else.
  static let scaledLogits = Law(
    "scaled-logits",
    "A scale by a power of two gives what logits give that are multiplied by it beforehand.",
    grade: .required, tolerance: "what is tolerated of both outputs",
    catches: [.temperature, .formula], of: [.softmax, .logSoftmax, .logSumExp],
    budget: Budget(random: 60, edges: 8), form: .lane([-4...2]), modifiers: [.scale],
    cases: { format in
      let lanes = ModifiedCases.lanes(format, always: [.scale])
      return Generator { source in
        var input = try lanes.generate(from: &source)
        input.arguments = [try source.integer(in: -4...2, simplest: 1)]
        return input
      }
    }
  ) { input, trial, notes in
    guard trial.offered(input, [.scale]) != nil else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    let factor = Double(sign: .plus, exponent: input.arguments[0], significand: 1)
    let lane = input.lane(0)
    let scaled = lane.map { $0 * factor }
    guard scaled.allSatisfy(trial.subject.input.holds) else {
      return .inapplicable("its logits cannot be multiplied without a rounding")
    }
    var rule = ModifierRule()
    rule.given.scale = factor
    let before = try trial.outputs(of: input, with: rule)
    trial.consider(rule)
    guard let own = try trial.tolerance(of: lane) else {
      return .inapplicable(trial.reasonWithoutTolerance(of: lane))
    }
    trial.consider(nil)
    guard let plain = try trial.tolerance(of: scaled) else {
      return .inapplicable(trial.reasonWithoutTolerance(of: scaled))
    }
    let after = try trial.outputs(of: input.replacing(logits: scaled), with: nil)
    trial.consider(rule)
    return trial.comparison(
      before, after, allowed: zip(own.bounds, plain.bounds).map { $0 + $1 },
      change: "of logits that are \(factor) times as large, without the scale of \(factor)",
      changedOutputs: after, &notes)
  }
}
