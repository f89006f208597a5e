import AuditedOperations
import FloatFormats
import SoftmaxVariants

extension DefaultTolerance {
  /// The lengths of lanes that ``surelyCovers(_:of:)`` decides.
  ///
  /// To 2^21 the sum of any lane has a bound: the error of the derivation is below 2^21 (2^-24 +
  /// (2^-24 + 2^-126) T / (1 - kappa)) + u, and T < 2 wherever eta is as large as 2^-24.
  private static let decidedLengths = 1...1 << 21

  /// Whether outputs of a softmax keep the tolerance by more than any of its terms that depend on
  /// the logits; false where that takes a closer look.
  ///
  /// The tolerance of a long lane costs its sorting, and most outputs err by less than what every
  /// lane allows: ``leastRelativeBound(count:output:)``, and some subnormal steps.
  ///
  /// **Derivation.** The probabilities of a ``LaneProfile`` are good to 2^-42: the distance m - x_j
  /// has a relative error of 2^-53, at most 745 times that for its exponential, whose function is
  /// good to 2^-52, and the compensated sum to 2^-51. So p' = p (1 + e), |e| <= 2^-42, or p <
  /// 2^-1000. With r and a the two bounds, |y - p'| <= p' (r (1 - 2^-40) - 2^-40) + a (1 - 2^-30)
  /// gives |y - p| <= p r + a.
  ///
  /// - Parameter lane: The logits; outputs of other lanes than those of finite and masked logits
  ///   are left to others.
  package func surelyCovers(_ outputs: [Double], of lane: [Double]) -> Bool {
    guard operation == .softmax, output != .float64, Self.decidedLengths.contains(lane.count),
      outputs.count == lane.count,
      let least = Self.leastRelativeBound(count: lane.count, output: output),
      let profile = LaneProfile(exactly: lane)
    else { return false }
    let relative = least * (1 - 0x1p-40) - 0x1p-40
    let absolute = Self.leastAbsoluteBound(output: output) * (1 - 0x1p-30)
    for index in lane.indices {
      let (y, p) = (outputs[index], profile.probability(index))
      // What is masked is 0, without any tolerance.
      let permitted = lane[index] == -.infinity ? 0 : p * relative + absolute
      guard y >= 0, y <= 1, abs(y - p) <= permitted else { return false }
    }
    return true
  }
}
