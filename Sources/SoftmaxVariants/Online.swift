import AuditedOperations
import FloatFormats
import MultiPrecision
import RealModule

/// One pass for maximum and sum together: the running sum is rescaled whenever a larger logit
/// arrives.
///
/// M. Milakov and N. Gimelshein, "Online normalizer calculation for softmax", arXiv 1805.02867,
/// 2018. With `pairwise` and `lanes-8` partial results (maximum, sum) are merged as FlashAttention
/// merges blocks.
///
/// **Bound.** Each rescaling multiplies the running sum by a computed e^(-(m' - m)), which has the
/// errors of a shifted exponential, and rounds the product: kappa + 1 more u, and (m' - m) u, each
/// time the maximum grows. The distances add up to at most d_j along the path of term j, so the
/// total is ``MaxTrick``'s bound plus R (kappa + 1) for R rescalings. No rounding analysis is
/// published; that an error independent of n cannot be had is shown by a staircase of logits 2^-26
/// apart (numerics notes, section 3). The bound here tracks the very merges of the lane.
///
/// **Domain.** As ``MaxTrick``. Masked logits before the first finite one contribute e^(-inf) = 0.
enum Online: SoftmaxAlgorithm {
  static var name: String { "online" }
  static var formula: String { "one pass: l = l exp(m - m') + exp(x - m'); exp(x - m) / l" }
  static var source: String { "Milakov & Gimelshein 2018, arXiv 1805.02867; bound derived here" }
  static var addsOnesForEqualLogits: Bool { true }
  static var seesDifferencesOnly: Bool { true }

  /// A sum relative to the maximum of what it sums.
  struct RunningSum<C: BinaryFloat, Argument: ExponentialArgument>: ScaledTerm {
    var maximum: C
    var number: Rounded<C>
    // Not `<`: a maximum that is NaN must be rescaled by, in whatever order terms are merged, so
    // that the sum is NaN too.
    func hasSmallerScale(than other: Self) -> Bool { !(maximum >= other.maximum) }
    func rescaled(_ number: Rounded<C>, to other: Self) -> Rounded<C> {
      Rounded(number.value * Argument.exponential(of: maximum, minus: other.maximum))
    }
    func rescaled(_ residual: C, to other: Self) -> C {
      residual * Argument.exponential(of: maximum, minus: other.maximum)
    }
    mutating func adoptScale(of other: Self) { maximum = other.maximum }
  }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let (m, sum) = RescaledSum.total(lane, summation, Difference.self)
    for index in lane.indices { lane[index] = C.exp(lane[index] - m) / sum }
  }

  /// The same sum in tracked numbers.
  struct TrackedRunningSum<C: BinaryFloat, Argument: ExponentialArgument>: ScaledTerm {
    var maximum: Double
    var number: Tracked<C>
    func hasSmallerScale(than other: Self) -> Bool { maximum < other.maximum }

    func factor(to other: Self) -> (value: Double, deviation: Deviation) {
      let distance = other.maximum - maximum
      let value = Double.exp(-distance)
      return (
        value, Argument.deviation(distance: distance, value: value, computingIn: C.self)
      )
    }

    func rescaled(_ number: Tracked<C>, to other: Self) -> Tracked<C> {
      let (value, deviation) = factor(to: other)
      // A fresh term is exactly 1, and 1 * f is exact.
      if number.total == 1, number.over == 0, number.under == 0, number.drift == 0 {
        return Tracked(value, deviation)
      }
      var result = Tracked<C>(
        number.total * value,
        ArithmeticModel<C>.product(number.total, number.deviation, value, deviation))
      // The drifted part is multiplied by the same factor; what the factor's error does to it is
      // not compensated.
      result.mayOverflow = number.mayOverflow
      let drifted = number.drift * (value + deviation.over)
      result.drift = drifted
      let uncompensated =
        number.drift * deviation.magnitude + C.format.unitRoundoff * drifted
      result.over += uncompensated
      result.under += uncompensated
      return result
    }

    func rescaled(_ residual: Tracked<C>.Residual, to other: Self) -> Tracked<C>.Residual {
      let (value, deviation) = factor(to: other)
      let largest = (residual.magnitude + residual.error) * (value + deviation.over)
      return Tracked<C>.Residual(
        magnitude: residual.magnitude * value,
        error: residual.error * (value + deviation.over) + residual.magnitude * deviation.magnitude
          + ArithmeticModel<C>.rounding(from: 0, to: largest))
    }

    mutating func adoptScale(of other: Self) { maximum = other.maximum }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let (m, sum) = RescaledSum.trace(lane, summation, Difference.self, trace)
    return trace.quotient(trace.exponential(trace.difference(Staged(lane[index]), m)), sum)
  }

  /// A sum that was made in one pass.
  ///
  /// What it is made of changes from step to step; its error is that against the exact terms.
  static func trace<C: BinaryFloat>(
    sum: C, of lane: [C], maximum m: Staged<C>, _ trace: StageTrace
  ) -> Staged<C> {
    trace.step(.sum, sum, [m]) { inputs, sum in
      sum.assign(0, .toNearestOrEven)
      var term = BigFloat(precision: ExactNumber.precision)
      for logit in lane {
        term.setDifference(BigFloat(logit.exactDouble), inputs[0].value, .toNearestOrEven)
        let argument = BigFloat(copying: term)
        term.setExponential(argument, .toNearestOrEven)
        sum.formSum(term, .toNearestOrEven)
      }
    }
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    let sum = RescaledSum.tracked(lane, summation, Difference.self, computingIn: format)
    guard sum.isSound else { return nil }
    return Division.deviations(on: lane, sum: sum, Difference.self)
  }
}
