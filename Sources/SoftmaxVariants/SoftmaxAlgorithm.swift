import FloatFormats

/// A way to compute a softmax, generic over the format it computes in, with its bound beside it.
///
/// To add one: a file with a type that conforms, and a line in the list of ``SoftmaxVariant``.
protocol SoftmaxAlgorithm: SendableMetatype {
  /// The first part of a variant's name.
  static var name: String { get }
  /// The formula, in one line.
  static var formula: String { get }
  /// Where the algorithm comes from.
  static var source: String { get }

  /// Whether n equal logits make it add n ones, exactly, and divide once: then it gives fl(1/n).
  static var addsOnesForEqualLogits: Bool { get }
  /// Whether it sees logits only as differences from their maximum, so that an exact shift changes no bit.
  static var seesDifferencesOnly: Bool { get }

  /// Whether a rounded constant makes its errors lean to one side, more the farther a logit lies below the maximum.
  static var leansByConstant: Bool { get }

  /// Replaces the logits of a lane, at least one, by their softmax.
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation)

  /// Follows one output through the stages, with the very operations of `evaluate`.
  ///
  /// - Parameter lane: At least one logit.
  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C>

  /// Bounds the deviation of each output from the exact softmax; nil outside the domain of the bound.
  ///
  /// The bound holds for every lane inside the domain: it is a theorem with the lane's exact quantities put in,
  /// not a first-order estimate. It does not include the rounding to another output format.
  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]?
}

extension SoftmaxAlgorithm {
  static var leansByConstant: Bool { false }

  /// The largest logit of a lane; a NaN only where the first logit is one.
  @inlinable @inline(__always)
  static func maximum<C: BinaryFloat>(_ lane: UnsafeMutableBufferPointer<C>) -> C {
    var maximum = lane[0]
    for logit in lane where logit > maximum { maximum = logit }
    return maximum
  }

  /// The largest logit of a lane, as `evaluate` finds it.
  static func maximum<C: BinaryFloat>(_ lane: [C]) -> Staged<C> {
    var maximum = lane[0]
    for logit in lane where logit > maximum { maximum = logit }
    return Staged(maximum)
  }

  /// The tracked sum of weights with the given deviations.
  static func trackedSum<C: BinaryFloat>(
    _ lane: LaneProfile, _ summation: Summation, _ terms: [Deviation], _ format: C.Type
  ) -> Tracked<C> {
    summation.sum(count: lane.count) { Unscaled(Tracked<C>(lane.weights[$0], terms[$0])) }.number
  }
}
