import FloatFormats
import MultiPrecision
import RealModule

/// exp2((x_i - m) log2 e) / sum: the max trick on a machine whose fast exponential has base two.
///
/// **Bound.** The argument of exp2 is (x - m) log2 e with three relative errors: the subtraction (u), the rounded
/// constant log2 e (its actual error c in this format), the product (u). The result is e^(-d_j (1 + a)) with
/// |a| <= (1 + u)^2 (1 + c) - 1, plus an underflow of the product worth at most eta/2. The rest is ``MaxTrick``.
/// First order: up to 3 d_i + 3 sum_j p_j d_j + 2 kappa + 1 + S/u.
///
/// **Domain.** As ``MaxTrick``.
enum ExponentialBaseTwo: SoftmaxAlgorithm {
  static var name: String { "exp2" }
  static var formula: String { "exp2((x - m) * log2 e) / sum" }
  static var source: String {
    "attention kernels (FlashAttention, without its fused scale); bound derived here"
  }
  static var addsOnesForEqualLogits: Bool { true }
  static var seesDifferencesOnly: Bool { true }
  /// log2 e is rounded, always to the same side: the error of the argument is d times that of the constant.
  static var leansByConstant: Bool { true }

  /// log2 e to 107 bits.
  static let log2E: (high: Double, low: Double) = (0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56)

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let m = maximum(lane)
    let log2E = C(rounding: log2E.high)
    for index in lane.indices { lane[index] = C.exp2((lane[index] - m) * log2E) }
    let sum = summation.sum(count: lane.count) { Unscaled(Rounded(lane[$0])) }.number.value
    for index in lane.indices { lane[index] = lane[index] / sum }
  }

  /// The relative error of log2 e rounded to a format.
  static func constantError<C: BinaryFloat>(_ format: C.Type) -> Double {
    abs((log2E.high - C(rounding: log2E.high).exactDouble) + log2E.low) / log2E.high
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let m: Staged<C> = maximum(lane)
    let constant = Staged(C(rounding: log2E.high))
    let terms = lane.map { logit in
      let shifted = trace.difference(Staged(logit), m)
      let scaled = trace.step(.scaling, shifted.computed * constant.computed, [shifted]) {
        var ln2 = BigFloat(precision: ExactNumber.precision)
        ln2.setLogarithm(BigFloat(2), .toNearestOrEven)
        $1.setQuotient($0[0].value, ln2, .toNearestOrEven)
      }
      return trace.exponentialTwo(scaled)
    }
    return trace.quotient(terms[index], trace.sum(terms, summation))
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    let u = C.format.unitRoundoff
    let c = constantError(format)
    // (1 + u)^2 (1 + c) - 1 without the cancellation.
    let relative = 2 * u + u * u + c * (1 + u) * (1 + u)
    let terms = lane.distances.indices.map { index -> Deviation in
      let distance = lane.distances[index]
      let argumentError = distance > 0 ? distance * relative + C.format.leastSubnormal : 0
      return ArithmeticModel<C>.exponential(
        distance: distance, value: lane.weights[index], argumentError: argumentError)
    }
    let sum = trackedSum(lane, summation, terms, format)
    guard sum.isSound else { return nil }
    return lane.weights.indices.map {
      ArithmeticModel<C>.quotient(
        terms[$0], by: sum.total, sum.deviation, value: lane.probability($0))
    }
  }
}
