import AuditedOperations

/// The inputs of a lane as the numbers that an algorithm computes with.
struct DerivedInputs<Number: DerivedNumber> {
  /// The logits, or the stored probabilities.
  let first: [Number]
  /// The derivatives by the outputs; empty for an operation that takes none.
  let upstream: [Number]
  /// The class of the lane; `nil` for the ignored one, and for an operation that takes none.
  let target: Int?
  private let classWeights: [Number]?
  /// The share of a loss that is spread evenly over the classes.
  let labelSmoothing: Double

  /// - Parameter lane: Numbers of the format that is computed in.
  init(_ lane: LaneInputs<Double>) {
    first = lane.first.map { Number(given: $0) }
    upstream = lane.upstream.map { Number(given: $0) }
    target = lane.target
    classWeights = lane.classWeights.map { $0.map { Number(given: $0) } }
    labelSmoothing = lane.labelSmoothing
  }

  /// The number of elements.
  var count: Int { first.count }

  /// The weight of a class.
  func weight(_ index: Int) -> Number { classWeights?[index] ?? .one }
}
