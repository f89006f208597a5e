import AuditedOperations
import FloatFormats

/// A way to compute a softmax, with its bound beside it.
///
/// To add one: a file with a type that conforms, and a line in the list of ``SoftmaxVariant``.
protocol SoftmaxAlgorithm: LaneAlgorithm {
  /// Follows one output through the stages, with the very operations of `evaluate`.
  ///
  /// - Parameter lane: At least one logit.
  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C>

  /// Bounds the deviation of each output from the exact softmax; nil outside the domain of the
  /// bound.
  ///
  /// The bound holds for every lane inside the domain: it is a theorem with the lane's exact
  /// quantities put in, not a first-order estimate. It does not include the rounding to another
  /// output format.
  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]?
}

extension SoftmaxAlgorithm {
  static var operation: AuditedOperation { .softmax }

  /// The tracked sum of weights with the given deviations.
  static func trackedSum<C: BinaryFloat>(
    _ lane: LaneProfile, _ summation: Summation, _ terms: [Deviation], _ format: C.Type
  ) -> Tracked<C> {
    summation.sum(count: lane.count) { Unscaled(Tracked<C>(lane.weights[$0], terms[$0])) }.number
  }
}
