import AuditRecords
import AuditedOperations
import PropertyTesting

extension Law {
  /// With a scale, a cap, a mask and a sink every output is near its exact value.
  ///
  /// A modifier that is forgotten, applied twice or in another order moves outputs by far more than
  /// roundings do.
  static let modifiedError = Law(
    "modified-error",
    "With a scale, a soft cap, a mask and a sink every output is as near to its exact value as its lane allows.",
    grade: .required,
    tolerance:
      "that of the modified logits, and what rounding c x, tanh good to 4 ulp and the sum with the mask change",
    catches: [.formula, .temperature, .wrongFunction, .specialValues],
    of: [.softmax, .logSoftmax, .logSumExp],
    budget: Budget(random: 300, edges: 24, targeted: 128),
    form: .tensor(), modifiers: [.scale, .softcap, .mask, .sink],
    cases: {
      ModifiedCases.lanes($0, sometimes: [.scale, .softcap, .mask, .sink]).inBatches($0)
    }
  ) { input, trial, notes in
    guard let rule = trial.offered(input, [.scale, .softcap, .mask, .sink]) else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    let outputs = try trial.outputs(of: input, with: rule)
    return try trial.judgeLanes(of: input, outputs, &notes)
  }
}
