import FloatFormats
import RealModule

/// e^(x_i) / sum_j e^(x_j): the formula as it is written, without a shift.
///
/// **Bound.** No subtraction, so no d_j: each term errs by exp's own error, relative where e^(x_j)
/// is normal and `ulps` eta where it is not. Everything is measured in units of e^m, so an absolute
/// error eta of a term counts as eta e^(-m). First order: 2 kappa + 1 + S/u (Blanchard, Higham &
/// Higham 2021, Theorem 3.3 with correctly rounded exp: n + 3, there n + 2).
///
/// **Domain.** The sum must be finite with its error, m + log s < log of the largest float: about
/// 11 in float16, 88.7 in float32 and bfloat16, 709.8 in float64. And the error of the terms that
/// underflow must stay below the sum: for m far below 0 there is no bound.
enum Naive: SoftmaxAlgorithm {
  static var name: String { "naive" }
  static var formula: String { "exp(x) / sum exp(x)" }
  static var source: String { "the definition; Blanchard, Higham & Higham 2021, Algorithm 3.1" }
  static var addsOnesForEqualLogits: Bool { false }
  static var seesDifferencesOnly: Bool { false }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    for index in lane.indices { lane[index] = C.exp(lane[index]) }
    let sum = summation.sum(count: lane.count) { Unscaled(Rounded(lane[$0])) }.number.value
    for index in lane.indices { lane[index] = lane[index] / sum }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let terms = lane.map { trace.exponential(Staged($0)) }
    return trace.quotient(terms[index], trace.sum(terms, summation))
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    guard let (terms, sum) = tracked(lane, summation, format) else { return nil }
    return lane.weights.indices.map {
      ArithmeticModel<C>.quotient(
        terms[$0], by: sum.total, sum.deviation, value: lane.probability($0))
    }
  }

  /// The exponentials and their sum, relative to e^m; `nil` where the sum may vanish or overflow.
  static func tracked<C: BinaryFloat>(
    _ lane: LaneProfile, _ summation: Summation, _ format: C.Type
  ) -> (terms: [Deviation], sum: Tracked<C>)? {
    let scale = Double.exp(-lane.maximum)
    guard scale > 0, scale < .infinity else { return nil }
    let accuracy = ArithmeticModel<C>.elementary
    let logLeastNormal = Double.log(C.format.leastNormal)
    let logHalfLeastSubnormal = Double.log(C.format.leastSubnormal) - Double.log(2)
    let terms = lane.weights.indices.map { index -> Deviation in
      let (logit, weight) = (lane.logits[index], lane.weights[index])
      if logit == -.infinity { return .none }
      if logit > logLeastNormal + accuracy.relative {
        let error = weight * accuracy.relative
        return Deviation(over: error, under: error)
      }
      if accuracy.roundsFromWider, logit < logHalfLeastSubnormal - 0x1p-20 {
        return Deviation(over: 0, under: ArithmeticModel<C>.capped(.infinity, by: weight))
      }
      let error = max(accuracy.ulps * C.format.leastSubnormal * scale, weight * accuracy.relative)
      return Deviation(over: error, under: ArithmeticModel<C>.capped(error, by: weight))
    }
    let sum = trackedSum(lane, summation, terms, format)
    guard sum.under <= sum.total * (1 - 0x1p-6),
      lane.maximum + Double.log(sum.largest) < Double.log(C.format.greatestFinite) - 0x1p-40
    else { return nil }
    return (terms, sum)
  }
}
