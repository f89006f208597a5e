import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The sum under the logarithm lacks terms, has others, or is kept in too few bits.
  static let logarithmSumFaults = [
    // pytorch/executorch#20090, google-research/last#43
    FaultySoftmax(
      "log-softmax-sum-in-16-bits", "adds up in the 16-bit format of its input", .lowPrecision,
      of: .logSoftmax, formats: .narrow, OtherSum(.inInputFormat)),
    FaultySoftmax(
      "logsumexp-sum-in-16-bits", "adds up in the 16-bit format of its input", .lowPrecision,
      of: .logSumExp, formats: .narrow, OtherSum(.inInputFormat)),
    // pytorch/pytorch#143644
    FaultySoftmax(
      "log-softmax-tail-left-out", "leaves out the terms beyond the last multiple of 8", .tails,
      of: .logSoftmax, OtherSum(.withoutTail(8))),
    FaultySoftmax(
      "logsumexp-last-term-lost-for-odd-n", "leaves out the last term where the length is odd",
      .tails, of: .logSumExp, OtherSum(.withoutTail(2))),
    // tensorflow/tensorflow#108244
    FaultySoftmax(
      "logsumexp-padded-with-zeros", "counts zeros up to a multiple of 4 as logits", .tails,
      of: .logSumExp, PaddedWithZeros(multiple: 4)),
    FaultySoftmax(
      "log-softmax-padded-with-zeros", "counts zeros up to a multiple of 64 as logits", .tails,
      of: .logSoftmax, PaddedWithZeros(multiple: 64)),
    FaultySoftmax(
      "logsumexp-mean-for-sum", "takes the mean of the exponentials, not their sum", .formula,
      of: .logSumExp, OtherSum(.mean)),
    FaultySoftmax(
      "log-softmax-mean-for-sum", "takes the mean of the exponentials, not their sum", .formula,
      of: .logSoftmax, OtherSum(.mean)),
    FaultySoftmax(
      "logsumexp-ties-counted-once", "counts several largest logits as one, as log1p forms may",
      .formula, of: .logSumExp, OtherSum(.tiesOnce)),
    FaultySoftmax(
      "log-softmax-terms-below-2^-10-dropped", "drops terms below 2^-10 of the largest",
      .underflow, of: .logSoftmax, formats: .beyondBFloat16, OtherSum(.largeTerms)),
    // intel/torch-xpu-ops#2949
    FaultySoftmax(
      "log-softmax-sum-of-first-65536", "adds up the first 65536 terms", .indexWidth,
      of: .logSoftmax, OtherSum(.first(65_536))),
    FaultySoftmax(
      "logsumexp-sum-of-first-1024", "adds up the first 1024 terms", .tails, of: .logSumExp,
      OtherSum(.first(1024))),
    // NervanaSystems/neon#171
    FaultySoftmax(
      "log-softmax-last-warp-twice", "adds the terms of the last 32 logits twice beyond 256",
      .tails, of: .logSoftmax, OtherSum(.lastWarpTwice)),
  ]
}

private struct OtherSum: LogarithmRecipe {
  enum Mistake: Sendable {
    case inInputFormat, mean, tiesOnce, largeTerms, lastWarpTwice
    case withoutTail(Int)
    case first(Int)
  }

  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func sum<C: BinaryFloat>(_ terms: Lane<C>, _ call: inout LaneCall) -> C {
    let count = terms.count
    switch mistake {
    case .inInputFormat: return total(of: terms, 0..<count, in: call.input)
    case .mean: return total(of: terms, 0..<count) / C(rounding: Double(count))
    case .withoutTail(let width): return total(of: terms, 0..<max(1, count / width * width))
    case .first(let limit): return total(of: terms, 0..<min(count, limit))
    case .lastWarpTwice:
      let whole = total(of: terms, 0..<count)
      return count > 256 ? whole + total(of: terms, count - 32..<count) : whole
    case .tiesOnce:
      var sum = C.one
      for term in terms where term != C.one { sum = sum + term }
      return sum
    case .largeTerms:
      let least = C(rounding: 0x1p-10)
      var sum = C.zero
      for term in terms where !(term < least) { sum = sum + term }
      return sum
    }
  }
}

private struct PaddedWithZeros: LogarithmRecipe {
  let multiple: Int

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let count = (lane.count + multiple - 1) / multiple * multiple
    var own = call
    withUnsafeTemporaryAllocation(of: C.self, capacity: count) { padded in
      padded.initialize(repeating: C.zero)
      for index in lane.indices { padded[index] = lane[index] }
      PlainLogarithms().evaluate(padded, &own)
      for index in lane.indices { lane[index] = padded[index] }
    }
  }
}
