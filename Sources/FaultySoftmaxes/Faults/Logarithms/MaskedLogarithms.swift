import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// Masked logits, or lanes of them, have another log-probability than -inf, or spoil others.
  static let maskedLogarithmFaults = [
    FaultySoftmax(
      "log-softmax-mask-of-minus-10000", "replaces -inf by -10000 before anything else",
      .specialValues, of: .logSoftmax, MaskedAs(logit: -10000)),
    FaultySoftmax(
      "log-softmax-lowest-for-masks",
      "gives the lowest finite number for a masked logit, where -inf is right", .specialValues,
      of: .logSoftmax, MaskedAs(output: .lowest)),
    FaultySoftmax(
      "log-softmax-nan-for-masks", "gives NaN for a masked logit of a lane that has others",
      .specialValues, of: .logSoftmax, MaskedAs(output: .nan)),
    FaultySoftmax(
      "log-softmax-masks-keep-their-zero", "does not write where a logit is -inf",
      .specialValues, of: .logSoftmax, MaskedAs(output: .zero)),
    // allenai/allennlp#890
    FaultySoftmax(
      "log-softmax-of-masks-is-uniform", "gives -log n for a lane of -inf without declaring it",
      .specialValues, of: .logSoftmax, MaskedLaneUniform()),
    // tinygrad/tinygrad#17822
    FaultySoftmax(
      "logsumexp-masked-block-poisons-lane",
      "computes -inf - -inf in a block of 64 masked logits of a lane that has others",
      .specialValues, of: .logSumExp, MaskedBlockPoisons()),
    FaultySoftmax(
      "logsumexp-masks-count-as-zeros", "takes exp(-inf) for 1", .specialValues, of: .logSumExp,
      MaskedAs(logit: 0)),
  ]
}

private struct MaskedAs: LogarithmRecipe {
  enum Output: Sendable { case lowest, nan, zero }
  var logit: Double?
  var output: Output?

  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let isSpecial =
      lane.allSatisfy { $0 == -C.infinity } || lane.contains { $0.isNaN || $0 == C.infinity }
    guard !isSpecial else { return PlainLogarithms().evaluate(lane, &call) }
    if let logit {
      for index in lane.indices where lane[index] == -C.infinity {
        lane[index] = C(rounding: logit)
      }
    }
    let masked = lane.indices.filter { lane[$0] == -C.infinity }
    PlainLogarithms().evaluate(lane, &call)
    guard let output else { return }
    for index in masked {
      lane[index] =
        switch output {
        case .lowest: -C(rounding: call.output.greatestFinite)
        case .nan: C.nan
        case .zero: C.zero
        }
    }
  }
}

private struct MaskedLaneUniform: LogarithmRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    if lane.allSatisfy({ $0 == -C.infinity }) {
      for index in lane.indices { lane[index] = C.zero }
    }
    PlainLogarithms().evaluate(lane, &call)
  }
}

private struct MaskedBlockPoisons: LogarithmRecipe {
  func evaluate<C: BinaryFloat>(_ lane: Lane<C>, _ call: inout LaneCall) {
    let isPoisoned = stride(from: 0, to: lane.count - 63, by: 64).contains { start in
      lane[start..<start + 64].allSatisfy { $0 == -C.infinity }
    }
    PlainLogarithms().evaluate(lane, &call)
    if isPoisoned, !(lane[0] == -C.infinity) { lane[0] = C.nan }
  }
}
