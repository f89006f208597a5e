import AuditRecords
import AuditedOperations
import PropertyTesting

extension Law {
  /// Tensors without elements give tensors without elements.
  ///
  /// Lanes of length 0 have nothing to divide by and no maximum; real kernels divide by zero there,
  /// or launch with a grid of size zero. An implementation may refuse lanes of length 0 with an
  /// error; it may not crash or hang. The logsumexp of such a lane is -inf.
  package static let empty = Law(
    "empty", "A tensor without elements gives a tensor without elements.", grade: .required,
    tolerance: "none; lanes of length 0 may be refused", catches: [.emptiness],
    wordings: [
      .logSumExp: "A lane without a logit gives -inf, and a tensor without lanes no output."
    ],
    budget: Budget(random: 10, edges: 12), form: .tensor(), isAboutLengths: true,
    cases: { _ in
      let shapes = [
        [0], [0, 3], [3, 0], [0, 0], [2, 0, 3], [2, 3, 0], [0, 2, 3], [1, 0], [1, 1, 0, 1],
        [4, 0, 0],
      ]
      return Generator { source in
        let shape = shapes[try source.integer(in: 0...shapes.count - 1)]
        let axis = try source.integer(in: 0...shape.count - 1)
        guard let geometry = try? LaneGeometry(shape: shape, axis: axis) else {
          throw Abandonment.discarded(reason: "no such shape")
        }
        return LawCase(geometry: geometry, logits: [])
      }
    }
  ) { input, trial, _ in
    do {
      let outputs = try trial.outputs(of: input)
      // Of the other operations an empty lane has no output, or no class to have a loss.
      guard trial.subject.operation == .logSumExp else { return .kept }
      for (lane, output) in outputs.enumerated() where output != -.infinity {
        return .broken(
          Violation(
            "output \(lane), of a lane without a logit, is \(trial.text(output)), where -inf is exact",
            kind: "empty"))
      }
    } catch let failure as CallFailure where failure.kind == .refusal && input.geometry.length == 0
    {
      return .kept
    }
    return .kept
  }
}
