import AuditRecords
import AuditedOperations
import ErrorMeasurement
import PropertyTesting

extension Law {
  /// Along any axis of a tensor of any rank the outputs are the softmax of each lane.
  ///
  /// Ranks 1 to 5, dimensions of 1, odd and even outer sizes. Catches a softmax along another axis,
  /// over the flattened tensor, or with lanes that start a place too early.
  static let axis = Law(
    "axis", "Along every axis of tensors of rank 1 to 5 the outputs are the softmax of each lane.",
    grade: .required, tolerance: "as for componentwise-error, lane by lane",
    catches: [.axes, .memoryLayout],
    budget: Budget(random: 400, edges: 24), form: .tensor(),
    cases: { TensorCases.tensors($0) }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, &notes)
  }

  /// Tensors of more than 2^16 elements are right to the last.
  ///
  /// Lengths, strides and offsets beyond 2^15 and 2^16 in each place where code multiplies them.
  /// What breaks at 2^31 needs more memory than a check may take, and is not looked for.
  static let largeTensors = Law(
    "large-tensors", "Tensors of more than 65536 elements are right to the last lane.",
    grade: .required, tolerance: "as for componentwise-error, lane by lane",
    catches: [.indexWidth, .axes],
    budget: Budget(random: 1, edges: TensorCases.largeShapes.count), form: .tensor(),
    cases: { TensorCases.largeTensors($0) }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, &notes)
  }

  /// However a tensor lies in memory, its outputs are those of the row-major one.
  package static let layout = Law(
    "layout", "A tensor that lies in memory otherwise has the outputs of the row-major one.",
    grade: .promised,
    tolerance: "the same bits where promised; else what is tolerated of both outputs together",
    catches: [.memoryLayout],
    budget: Budget(random: 100, edges: 12), form: .tensor(),
    inapplicability: { subject in
      subject.layouts.count > 1 ? nil : "the implementation takes row-major tensors only"
    },
    cases: { TensorCases.tensors($0) }
  ) { input, trial, notes in
    let before = try trial.outputs(of: input)
    let isPromised = trial.subject.promisedLaws.contains("layout")
    for layout in trial.subject.layouts where layout != .rowMajor {
      let after = try trial.outputs(of: input, laidOut: layout)
      for number in 0..<input.laneCount {
        let lane = input.lane(number)
        let first = trial.lane(number, of: before, input)
        let second = trial.lane(number, of: after, input)
        var allowed: [Double]?
        if !isPromised {
          guard let tolerance = try trial.tolerance(of: lane) else { continue }
          allowed = first.indices.map {
            tolerance.bound(at: $0, output: first[$0]) + tolerance.bound(at: $0, output: second[$0])
          }
        }
        let outcome = trial.comparison(
          first, second, allowed: allowed,
          change: "in lane \(number) where the tensor is laid out \(layout.rawValue)",
          changedOutputs: after, &notes)
        if case .broken = outcome { return outcome }
      }
    }
    return .kept
  }
}
