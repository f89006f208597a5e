import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The logarithm of the sum is a poor one, or of another number than the sum.
  static let logarithmOfSumFaults = [
    // scipy/scipy#18295 asks for log1p; this is what becomes of it with the largest term left in.
    FaultySoftmax(
      "logsumexp-log1p-of-the-whole-sum", "takes log1p of a sum that holds the largest term",
      .formula, of: .logSumExp, OtherLogarithm(.ofOneMore)),
    // GFNOrg/torchgfn#390
    FaultySoftmax(
      "log-softmax-log-of-sum-plus-epsilon", "adds 1e-3 to the sum before it takes the logarithm",
      .formula, of: .logSoftmax, formats: .wide, OtherLogarithm(.ofLittleMore)),
    FaultySoftmax(
      "logsumexp-series-near-one", "takes s - 1 for the logarithm of a sum s below 1.125",
      .approximation, of: .logSumExp, formats: .wide, OtherLogarithm(.series)),
    FaultySoftmax(
      "logsumexp-logarithm-from-the-exponent",
      "takes the exponent of the sum and x - 1 of its significand for the binary logarithm",
      .approximation, of: .logSumExp, OtherLogarithm(.piecewiseLinear)),
    FaultySoftmax(
      "log-softmax-logarithm-from-the-exponent",
      "takes the exponent of the sum and x - 1 of its significand for its binary logarithm",
      .approximation, of: .logSoftmax, OtherLogarithm(.piecewiseLinear)),
    FaultySoftmax(
      "log-softmax-logarithm-forgotten", "subtracts the sum, not its logarithm", .formula,
      of: .logSoftmax, OtherLogarithm(.none)),
    FaultySoftmax(
      "log-softmax-logarithm-added", "adds the logarithm of the sum, with the sign wrong",
      .formula, of: .logSoftmax, OtherLogarithm(.negated)),
    FaultySoftmax(
      "logsumexp-logarithm-at-most-8", "limits the logarithm of the sum to 8, as of 2981 terms",
      .formula, of: .logSumExp, OtherLogarithm(.limited)),
  ]
}

private struct OtherLogarithm: LogarithmRecipe {
  enum Mistake: Sendable {
    case ofOneMore, ofLittleMore, series, piecewiseLinear, none, negated, limited
  }

  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func logarithm<C: BinaryFloat>(of sum: C, _ call: LaneCall) -> C {
    switch mistake {
    case .ofOneMore: C.log(C.one + sum)
    case .ofLittleMore: C.log(sum + C(rounding: 1e-3))
    case .series: sum < C(rounding: 1.125) ? sum - C.one : C.log(sum)
    case .piecewiseLinear: piecewiseLinear(sum)
    case .none: sum
    case .negated: -C.log(sum)
    case .limited: C.log(sum) > C(rounding: 8.0) ? C(rounding: 8.0) : C.log(sum)
    }
  }

  /// ln 2 (e + f - 1) for 2^e f with f between 1 and 2: 0.086 off at most in the binary logarithm.
  private func piecewiseLinear<C: BinaryFloat>(_ sum: C) -> C {
    guard sum.isFinite, sum > C.zero else { return C.log(sum) }
    let value = sum.exactDouble
    let binary = Double(value.exponent) + value.significand - 1
    return C(rounding: binary * 0x1.62e42fefa39efp-1)
  }
}
