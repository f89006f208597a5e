import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Results are rounded where they should not be, clipped, or kept on a grid.
  static let storedLogarithmFaults = [
    // AI-Hypercomputer/maxtext#5231
    FaultySoftmax(
      "log-softmax-of-a-stored-logsumexp",
      "rounds the logsumexp to 16 bits before it subtracts it, and log-probabilities come out positive",
      .lowPrecision, of: .logSoftmax, formats: .narrow, StoredLogSumExp()),
    // genlm/genlm-backend#66
    FaultySoftmax(
      "log-softmax-through-bfloat16", "rounds log-probabilities to bfloat16 on their way",
      .types, of: .logSoftmax, formats: .beyondBFloat16, Stored(.through(.bfloat16))),
    FaultySoftmax(
      "logsumexp-through-float16", "rounds the logsumexp to float16 on its way", .types,
      of: .logSumExp, formats: .beyondFloat16, Stored(.through(.float16))),
    FaultySoftmax(
      "log-softmax-through-float32", "computes in float32 what is asked for in float64", .types,
      of: .logSoftmax, formats: [.float64], Stored(.through(.float32))),
    FaultySoftmax(
      "log-softmax-clamped-at-minus-100", "raises log-probabilities to -100 at least",
      .underflow, of: .logSoftmax, Stored(.atLeast(-100))),
    // pytorch/pytorch#94043
    FaultySoftmax(
      "log-softmax-minus-infinity-below-minus-103",
      "gives -inf for log-probabilities below -103, as if probabilities had vanished", .underflow,
      of: .logSoftmax, Stored(.vanishingBelow(-103))),
    FaultySoftmax(
      "logsumexp-never-negative", "raises the logsumexp to 0", .formula, of: .logSumExp,
      Stored(.atLeast(0))),
    FaultySoftmax(
      "log-softmax-on-a-grid-of-2^-6", "keeps log-probabilities in fixed point with 6 bits",
      .quantized, of: .logSoftmax, formats: .beyondBFloat16, Stored(.onGrid(0x1p-6))),
    FaultySoftmax(
      "log-softmax-negative-log-likelihood", "returns -log p, as a loss would be", .wrongFunction,
      of: .logSoftmax, Stored(.negated)),
  ]
}

private struct StoredLogSumExp: LogarithmRecipe {
  func logProbability<C: BinaryFloat>(
    of logit: C, _ maximum: C, _ logSum: C, _ call: LaneCall
  ) -> C {
    logit - rounded(maximum + logSum, to: call.output)
  }
}

private struct Stored: LogarithmRecipe {
  enum Mistake: Sendable {
    case through(FloatFormat)
    case atLeast(Double)
    case vanishingBelow(Double)
    case onGrid(Double)
    case negated
  }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func stored<C: BinaryFloat>(_ output: C, _ call: LaneCall) -> C {
    guard output.isFinite else { return output }
    switch mistake {
    case .through(let format): return rounded(output, to: format)
    case .atLeast(let least): return output < C(rounding: least) ? C(rounding: least) : output
    case .vanishingBelow(let least): return output < C(rounding: least) ? -C.infinity : output
    case .onGrid(let step):
      return (output / C(rounding: step)).roundedToInteger * C(rounding: step)
    case .negated: return -output
    }
  }
}
