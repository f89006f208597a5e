import AuditRecords
import AuditedOperations
import PropertyTesting

extension Law {
  /// Equal logits of a lane have equal outputs.
  ///
  /// Catches tails computed by another exponential than the rest, and remainders that are given to
  /// one output to make the sum one.
  package static let equalLogits = Law(
    "equal-logits", "Equal logits of a lane give equal outputs, bit for bit.", grade: .consistency,
    tolerance: "none: the same bits",
    catches: [.equality, .tails, .approximation], of: [.softmax, .logSoftmax],
    budget: Budget(random: 300, edges: 16), takesAnyLane: true,
    cases: { format in
      Generator<[Double]>.frequency([
        (1, LaneCases.any(format, count: 1...100)),
        (3, LaneCases.readable(format, count: 2...600)),
      ]).cases
    }
  ) { input, trial, _ in
    let lane = input.lane(0)
    let outputs = try trial.outputs(of: input)
    var first: [Double: Int] = [:]
    for (index, logit) in lane.enumerated() {
      // Both zeros are one number, and one key.
      guard let earlier = first[logit] else {
        first[logit] = index
        continue
      }
      let (a, b) = (outputs[earlier], outputs[index])
      if a != b, !(a.isNaN && b.isNaN) {
        return .broken(
          Violation(
            "logits \(earlier) and \(index) are equal, outputs \(trial.text(a)) and \(trial.text(b)) are not",
            kind: "unequal"))
      }
    }
    return .kept
  }
}
