import AuditedOperations
import FloatFormats

/// e^(x_i - m) / sum_j e^(x_j - m): the softmax of every textbook and most libraries.
///
/// **Bound.** fl(x_j - m) = -d_j (1 + a), |a| <= u (a difference of two floats has no underflow
/// error), so the computed exponential is w_j e^(+-d_j u) with exp's own error (``Difference``,
/// ``ArithmeticModel/exponential``). The sum is tracked addition by addition, the quotient rounds
/// once. To first order this is d_i + sum_j p_j d_j + 2 kappa + 1 + S/u in units of u, the bound of
/// the numerics notes (after Blanchard, Higham and Higham, "Accurately computing the log-sum-exp
/// and softmax functions", IMA J. Numer. Anal. 41(4), 2021, Theorem 4.3, with d_i + log n in place
/// of 2 max_j d_j).
///
/// **Domain.** The computed sum must stay positive and finite. s >= 1, so positivity fails only
/// where the bound of the sum comes within 2^-6 s of s; float16 ends at sums of 65504.
enum MaxTrick: SoftmaxAlgorithm {
  static var name: String { "max-trick" }
  static var formula: String { "exp(x - m) / sum exp(x - m)" }
  static var source: String { "Blanchard, Higham & Higham 2021, Algorithm 4.1 without log1p" }
  static var addsOnesForEqualLogits: Bool { true }
  static var seesDifferencesOnly: Bool { true }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let sum = exponentiate(lane, summation)
    for index in lane.indices { lane[index] = lane[index] / sum }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let terms = shiftedExponentials(lane, trace)
    return trace.quotient(terms[index], trace.sum(terms, summation))
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    let terms = Difference.deviations(on: lane, computingIn: format)
    let sum = trackedSum(lane, summation, terms, format)
    guard sum.isSound else { return nil }
    return lane.weights.indices.map {
      ArithmeticModel<C>.quotient(
        terms[$0], by: sum.total, sum.deviation, value: lane.probability($0))
    }
  }

  /// Replaces the logits by e^(x_j - m), and gives their sum.
  @inline(__always)
  static func exponentiate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) -> C {
    let m = maximum(lane)
    for index in lane.indices { lane[index] = C.exp(lane[index] - m) }
    return summation.sum(count: lane.count) { Unscaled(Rounded(lane[$0])) }.number.value
  }

  /// Each e^(x_j - m), followed through its stages.
  static func shiftedExponentials<C: BinaryFloat>(
    _ lane: [C], _ trace: StageTrace
  ) -> [Staged<C>] {
    let m: Staged<C> = maximum(lane)
    return lane.map { trace.exponential(trace.difference(Staged($0), m)) }
  }
}

/// The max trick with one division: multiply by the rounded reciprocal of the sum.
///
/// **Bound.** As ``MaxTrick``, with a rounding for 1/s and one for the product in place of the
/// quotient's. The reciprocal is subnormal when s > 2^-e_min, which float16 reaches at s = 2^14:
/// then it errs by eta/2 in absolute terms, 2^-11 s 2^-14 relative, and the bound says so.
enum MaxTrickReciprocal: SoftmaxAlgorithm {
  static var name: String { "max-trick-reciprocal" }
  static var formula: String { "exp(x - m) * (1 / sum exp(x - m))" }
  static var source: String { "common in vector kernels; bound derived here" }
  static var addsOnesForEqualLogits: Bool { true }
  static var seesDifferencesOnly: Bool { true }

  @inline(__always)
  static func evaluate<C: BinaryFloat>(
    _ lane: UnsafeMutableBufferPointer<C>, _ summation: Summation
  ) {
    let sum = MaxTrick.exponentiate(lane, summation)
    let reciprocal = C.one / sum
    for index in lane.indices { lane[index] = lane[index] * reciprocal }
  }

  static func trace<C: BinaryFloat>(
    _ lane: [C], _ summation: Summation, at index: Int, _ trace: StageTrace
  ) -> Staged<C> {
    let terms = MaxTrick.shiftedExponentials(lane, trace)
    let sum = trace.sum(terms, summation)
    return trace.product(terms[index], trace.quotient(Staged(C.one), sum, .reciprocal))
  }

  static func deviations<C: BinaryFloat>(
    on lane: LaneProfile, _ summation: Summation, computingIn format: C.Type
  ) -> [Deviation]? {
    let terms = Difference.deviations(on: lane, computingIn: format)
    let sum = trackedSum(lane, summation, terms, format)
    guard sum.isSound else { return nil }
    let inverse = 1 / sum.total
    let reciprocal = ArithmeticModel<C>.quotient(
      .none, by: sum.total, sum.deviation, value: inverse)
    return lane.weights.indices.map {
      ArithmeticModel<C>.product(lane.weights[$0], terms[$0], inverse, reciprocal)
    }
  }
}
