import AuditedOperations
import FloatFormats

/// A way to compute an operation on a lane, generic over the format it computes in.
protocol LaneAlgorithm: SendableMetatype {
  static var operation: AuditedOperation { get }
  /// The first part of a variant's name.
  static var name: String { get }
  /// The formula, in one line.
  static var formula: String { get }
  /// The source of the algorithm.
  static var source: String { get }

  /// Whether n equal logits make it add n ones, exactly, and divide once: then it gives fl(1/n).
  static var addsOnesForEqualLogits: Bool { get }
  /// Whether it sees logits only as differences from their maximum, so that an exact shift changes
  /// no bit.
  static var seesDifferencesOnly: Bool { get }
  /// Whether a rounded constant makes its errors lean to one side, more the farther a logit lies
  /// below the maximum.
  static var leansByConstant: Bool { get }

  /// Replaces the logits of a lane, at least one, by its outputs; where it has fewer outputs than
  /// logits, the first ones.
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation)
}

extension LaneAlgorithm {
  static var addsOnesForEqualLogits: Bool { false }
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
}
