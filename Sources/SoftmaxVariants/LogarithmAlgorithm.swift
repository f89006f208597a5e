import AuditedOperations
import FloatFormats
import RealModule

/// A way to compute a log-softmax or a logsumexp, with its bound beside it.
///
/// To add one: a file with a type that conforms, and a line in the list of ``SoftmaxVariant``.
protocol LogarithmAlgorithm: LaneAlgorithm {
  /// Follows one output through the stages, with the very operations of `evaluate`.
  ///
  /// - Parameters:
  ///   - lane: At least one logit, none of them NaN or +inf, and not all -inf.
  ///   - index: The place of the output; 0 where the lane has one.
  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C>

  /// The greatest distance of each output from the exact one, in absolute terms; `nil` outside the
  /// domain of the bound.
  ///
  /// It does not include the rounding to another output format. Entries for logits of -inf are of
  /// no account.
  static func errors<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Double]?
}

extension LogarithmAlgorithm {
  /// The bound on |output - v| for each output of a lane; `nil` outside its domain.
  ///
  /// Rounding the output to a narrower format errs by at most u |y|, or half the least subnormal
  /// number. Where the format computed in could overflow, there is no bound. Rounded up by what its
  /// evaluation can have lost, see ``Deviation/evaluationSlack(count:)``.
  static func bound<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type, output: FloatFormat
  ) -> [Double]? {
    guard let errors = errors(on: lane, summation, computingIn: format) else { return nil }
    let magnitudes = magnitudes(on: lane)
    let roundsAgain = !output.contains(C.format)
    // A dominant logit reaches its bound, all of ln s. Figures and ratios are rounded up to 30
    // bits, which 2^-27 leaves room for.
    let factor = 1 + Deviation.evaluationSlack(count: lane.count) + 0x1p-27
    // Weights below 2^-1074 are 0 in the profile, and a result below half a quantum is 0 in the
    // format.
    let leastLoss =
      ArithmeticModel<C>.halfQuantum + Double(lane.count) * Double.leastNonzeroMagnitude
    var bounds: [Double] = []
    for (index, error) in errors.enumerated() {
      let magnitude = magnitudes[index]
      // A logit of -inf: the exact output is -inf, and nothing else is right.
      if operation != .logSumExp, lane.logits[index] == -.infinity {
        bounds.append(0)
        continue
      }
      let largest = (magnitude + error) * factor
      guard largest < min(C.format.greatestFinite, output.greatestFinite) else { return nil }
      let rounding =
        roundsAgain ? max(output.unitRoundoff * largest, output.leastSubnormal / 2) : 0
      // One finite logit: ln 1 is 0, and nothing rounds.
      let isExact = error + rounding == 0 && lane.count == 1
      bounds.append(isExact ? 0 : ((error + rounding) * factor + leastLoss).nextUp)
    }
    return bounds
  }

  /// The magnitudes of the exact outputs, infinite for a logit of -inf.
  private static func magnitudes(on lane: LaneProfile) -> [Double] {
    operation == .logSumExp
      ? [abs(lane.maximum + lane.logSum)] : lane.distances.map { $0 + lane.logSum }
  }

  /// The logsumexp of a lane whose largest logit is infinite: that logit, or NaN beside a NaN;
  /// `nil` for other lanes.
  @inline(__always)
  static func valueIfInfinite<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, maximum: C
  ) -> C? {
    guard maximum.isInfinite else { return nil }
    return lane.contains { $0.isNaN } ? .nan : maximum
  }

  /// The greatest distance of ln sum exp(x_j - m) from ln s; `nil` where the sum is not sound.
  ///
  /// The sum is tracked as in ``MaxTrick``.
  static func logSumError<C: BinaryFloat>(
    _ lane: LaneProfile, _ summation: Summation, _ format: C.Type
  ) -> Double? {
    let sum: Tracked<C> = DirectSum.tracked(lane, summation, Difference.self, computingIn: format)
    guard sum.isSound else { return nil }
    return logarithmError(of: sum.total, sum.deviation, magnitude: lane.logSum, format)
  }

  /// The greatest distance of ln of a deviating sum from that of the exact sum, its own error
  /// included.
  ///
  /// - Parameters:
  ///   - total: The exact sum, positive.
  ///   - magnitude: |ln| of the exact sum.
  /// - Returns: `nil` where the computed sum can be 0, or near it.
  static func logarithmError<C: BinaryFloat>(
    of total: Double, _ deviation: Deviation, magnitude: Double, _ format: C.Type
  ) -> Double? {
    guard deviation.under <= total * (1 - 0x1p-6) else { return nil }
    let moved = max(
      Double.log(onePlus: deviation.over / total), -Double.log(onePlus: -deviation.under / total))
    return moved + ArithmeticModel<C>.elementary.relative * (magnitude + moved)
  }
}
