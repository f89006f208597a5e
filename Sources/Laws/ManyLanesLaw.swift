import AuditRecords
import AuditedOperations
import FloatFormats
import PropertyTesting

extension Law {
  /// Tensors of more lanes than 16 bits count are right to the last lane.
  ///
  /// The number of a lane is a block of a grid, whose second and third dimension end at 65 535 on
  /// GPUs, or an index in too narrow an integer. More than 2^16, 2^17, 2^18 and 2^20 lanes before
  /// the axis, after it, and on both sides of it.
  static let manyLanes = Law(
    "many-lanes",
    "Tensors of more than 65535 lanes are right to the last, on either side of the axis.",
    grade: .required, tolerance: "as for componentwise-error, lane by lane",
    catches: [.indexWidth, .axes, .memoryLayout],
    budget: Budget(random: 1, edges: ManyLanes.all.count), form: .tensor(),
    cases: { format in
      Generator { source in
        var tensor = ManyLanes.all[try source.entry(ofListOf: ManyLanes.all.count)]
        // Where fewer lanes are enough to fail, the shrinker finds them.
        let long = tensor.longDimension
        tensor.shape[long] = try source.integer(
          in: 1...tensor.shape[long], simplest: 1, sample: tensor.shape[long])
        return try tensor.input(phase: try source.integer(in: 0...6))
      }
    }
  ) { input, trial, notes in
    try trial.judgeLanes(of: input, &notes)
  }
}

/// A tensor of very many short lanes.
struct ManyLanes: Sendable {
  var shape: [Int]
  var axis: Int

  /// The tensors, about the smallest first.
  static let all = [
    ManyLanes(shape: [65_537, 1], axis: 1), ManyLanes(shape: [70_001, 1, 1], axis: 1),
    ManyLanes(shape: [2, 66_001], axis: 0), ManyLanes(shape: [257, 2, 257], axis: 1),
    ManyLanes(shape: [70_001, 2], axis: 1), ManyLanes(shape: [65_537, 3], axis: 1),
    ManyLanes(shape: [131_073, 2], axis: 1), ManyLanes(shape: [2, 131_075], axis: 0),
    ManyLanes(shape: [3, 2, 66_001], axis: 1), ManyLanes(shape: [66_001, 2, 3], axis: 1),
    ManyLanes(shape: [262_145, 2], axis: 1), ManyLanes(shape: [2, 262_147], axis: 0),
    ManyLanes(shape: [65_539, 17], axis: 1), ManyLanes(shape: [1_048_577, 2], axis: 1),
    ManyLanes(shape: [65_541, 64], axis: 1),
  ]

  /// The dimension with most elements.
  var longDimension: Int { shape.indices.max { shape[$0] < shape[$1] } ?? 0 }

  /// The tensor as a case; lanes are of seven kinds.
  func input(phase: Int) throws -> LawCase {
    guard let geometry = try? LaneGeometry(shape: shape, axis: axis) else {
      throw Abandonment.discarded(reason: "no such shape")
    }
    return LawCase(ofSevenKinds: geometry, phase: phase)
  }
}
