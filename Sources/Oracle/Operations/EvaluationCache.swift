/// The evaluations of lanes that an oracle has made, each of which costs the exponentials of a
/// lane.
///
/// All outputs of a lane are asked for one after the other, some again for a witness.
final class EvaluationCache {
  private struct Key: Hashable {
    var lane: ObjectIdentifier
    var precision: Int
  }

  /// The sums of exponentials, which cost as much, and are shared by operations.
  let tails = TailCache()
  private var known: [Key: (any ExactEvaluation, LaneIdentity)] = [:]
  private static let capacity = 16

  /// The evaluation of a lane at a precision: that of before, or a new one.
  func evaluation(
    of lane: OperationLane, precision: Int, make: () -> any ExactEvaluation
  ) -> any ExactEvaluation {
    let key = Key(lane: ObjectIdentifier(lane.identity), precision: precision)
    if let (evaluation, _) = known[key] { return evaluation }
    let made = make()
    if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
    // The identity is kept, so that no other lane can have its place in memory.
    known[key] = (made, lane.identity)
    return made
  }
}

/// An evaluation that costs enough to be kept.
protocol KeptEvaluation: ExactEvaluation {
  init(_ lane: OperationLane, precision: Int, _ cache: EvaluationCache)
}

/// An exact function whose evaluations are kept.
protocol KeptFunction: ExactFunction {
  associatedtype Evaluation: KeptEvaluation
}

extension KeptFunction {
  static func evaluation(
    of lane: OperationLane, precision: Int, _ cache: EvaluationCache
  ) -> any ExactEvaluation {
    cache.evaluation(of: lane, precision: precision) {
      Evaluation(lane, precision: precision, cache)
    }
  }
}
