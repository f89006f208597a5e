import AuditRecords
import AuditedOperations
import ErrorMeasurement
import PropertyTesting
import RealModule

extension Law {
  /// A soft cap bounds logits before the mask, and keeps their order.
  ///
  /// Exact numbers z lie between -k and k: probabilities of what is not hidden differ by a factor
  /// of e^(2 k) at most, larger logits have larger ones, and what the mask hides stays at 0. A cap
  /// that comes after the mask makes its -inf the number -k.
  static let cappedFirst = Law(
    "capped-first",
    "A soft cap bounds logits before the mask is added: probabilities of what is not hidden differ by a factor of e^(2 k) at most, in the order of their logits, and hidden ones are 0.",
    grade: .required, tolerance: "what is tolerated of each output",
    catches: [.formula, .temperature], of: [.softmax, .logSoftmax],
    budget: Budget(random: 100, edges: 12), modifiers: [.softcap],
    cases: {
      ModifiedCases.lanes($0, count: 2...40, always: [.softcap], sometimes: [.mask])
    }
  ) { input, trial, notes in
    guard var rule = trial.offered(input, [.softcap]) else {
      return .inapplicable(LawTrial.withoutModifiers)
    }
    if rule.mask != .none { rule.mask = .hides }
    rule.scale = 0
    rule.given.scale = nil
    trial.consider(rule)
    let lane = input.lane(0)
    guard let tolerance = try trial.tolerance(of: lane) else {
      return .inapplicable(trial.reasonWithoutTolerance(of: lane))
    }
    let outputs = try trial.outputs(of: input, with: rule)
    if let violation = trial.maskViolation(outputs, lane: lane) { return .broken(violation) }
    let modifiers = rule.lane(of: lane, in: trial.subject.input)
    let cap = modifiers.softcap ?? 0
    let seen = lane.indices.filter { modifiers.addend($0) == 0 }
    guard let top = seen.max(by: { lane[$0] < lane[$1] }) else { return .kept }
    let isLogarithm = trial.subject.operation == .logSoftmax
    let bounds = tolerance.bounds
    for index in seen {
      // Of probabilities e^(-2 k) of the largest, of logarithms 2 k below it.
      let least =
        isLogarithm
        ? outputs[top] - bounds[top] - 2 * cap
        : (outputs[top] - bounds[top]) * Double.exp(-2 * cap) * (1 - 0x1p-40)
      if outputs[index] + bounds[index] < least {
        return .broken(
          Violation(
            "output \(index) is \(trial.text(outputs[index])) beside \(trial.text(outputs[top])): further apart than a cap of \(cap) lets them be",
            kind: "uncapped"))
      }
      if outputs[index] - bounds[index] > outputs[top] + bounds[top] {
        return .broken(
          Violation(
            "output \(index) is \(trial.text(outputs[index])), above \(trial.text(outputs[top])) of the largest logit",
            kind: "order"))
      }
    }
    return try trial.judgeLanes(of: input, outputs, &notes)
  }
}
