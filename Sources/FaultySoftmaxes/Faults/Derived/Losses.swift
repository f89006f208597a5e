import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The logarithm of a loss is taken of the wrong number, or of none.
  static let lossFormulaFaults = [
    // tensorflow/models#181, MagmaDNN/magmadnn#18, hwalsuklee/tensorflow-mnist-VAE#4
    FaultySoftmax(
      "cross-entropy-log-of-probability", "takes the logarithm of a probability that may be 0",
      .underflow, of: .crossEntropy, OtherLoss(.logOfProbability)),
    // tensorflow/tensorflow#62204
    FaultySoftmax(
      "cross-entropy-log-of-probability-plus-epsilon",
      "adds 1e-7 to a probability before its logarithm", .formula, of: .crossEntropy,
      OtherLoss(.plusEpsilon)),
    // borgwang/tinynn#7 has its twin for two classes.
    FaultySoftmax(
      "cross-entropy-without-maximum", "adds up exponentials of logits as they are", .overflow,
      of: .crossEntropy, OtherLoss(.withoutMaximum)),
    // flashinfer-ai/flashinfer#2114 hands on such a logsumexp.
    FaultySoftmax(
      "cross-entropy-of-a-logsumexp-in-base-two", "subtracts the logit from a logsumexp in bits",
      .formula, of: .crossEntropy, OtherLoss(.baseTwo)),
    // davharris/mistnet#29
    FaultySoftmax(
      "cross-entropy-with-the-other-sign", "returns the log-likelihood", .wrongFunction,
      of: .crossEntropy, OtherLoss(.otherSign)),
    // fetchai/ledger#1580
    FaultySoftmax(
      "cross-entropy-of-a-softmax-of-a-softmax", "takes probabilities for logits", .formula,
      of: .crossEntropy, OtherLoss(.softmaxTwice)),
    FaultySoftmax(
      "cross-entropy-divided-by-the-classes", "divides the loss by the number of classes",
      .formula, of: .crossEntropy, OtherLoss(.dividedByClasses)),
    // candle-org/MindAct#1633, OpenBMB/ModelCenter#14
    FaultySoftmax(
      "cross-entropy-zero-times-infinity",
      "multiplies the infinite loss of a masked class by its share of 0", .specialValues,
      of: .crossEntropy, OtherLoss(.zeroTimesInfinity)),
    FaultySoftmax(
      "cross-entropy-at-most-100", "limits the loss of a class to 100", .underflow,
      of: .crossEntropy, OtherLoss(.atMost100)),
    FaultySoftmax(
      "cross-entropy-logarithm-forgotten", "takes the largest logit for the logsumexp", .formula,
      of: .crossEntropy, OtherLoss(.logarithmForgotten)),
  ]

  /// Losses and their gradients keep a step in too narrow a format.
  static let lossPrecisionFaults = [
    // google-deepmind/optax#1020
    FaultySoftmax(
      "cross-entropy-logsumexp-in-16-bits", "rounds the logsumexp to the format of the logits",
      .lowPrecision, of: .crossEntropy, formats: .narrow, NarrowLoss(.logSumExp)),
    // Modalities/modalities#464, pytorch/executorch#20090
    FaultySoftmax(
      "cross-entropy-in-16-bits", "computes and adds up in the format of the logits",
      .lowPrecision, of: .crossEntropy, formats: .narrow, NarrowLoss(.everything)),
    FaultySoftmax(
      "cross-entropy-logits-through-bfloat16", "rounds logits to bfloat16", .types,
      of: .crossEntropy, formats: .wide, NarrowLoss(.logits)),
    // NVIDIA/TransformerEngine#3193, vllm-project/speculators#788
    FaultySoftmax(
      "cross-entropy-vjp-of-a-bfloat16-probability",
      "subtracts the target from a probability in bfloat16", .lowPrecision, of: .crossEntropyVJP,
      formats: .wide, NarrowLoss(.probabilities)),
    // marin-community/marin#8217
    FaultySoftmax(
      "cross-entropy-vjp-of-a-bfloat16-logsumexp",
      "recomputes probabilities from a logsumexp in bfloat16", .lowPrecision, of: .crossEntropyVJP,
      NarrowLoss(.probabilitiesOfLogSumExp)),
  ]
}

private struct OtherLoss: DerivedRecipe {
  enum Mistake: Sendable {
    case logOfProbability, plusEpsilon, withoutMaximum, baseTwo, otherSign, softmaxTwice
    case dividedByClasses, zeroTimesInfinity, atMost100, logarithmForgotten
  }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func logarithms<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    let plain = PlainDerived()
    switch mistake {
    case .logOfProbability: return plain.probabilities(lane, call).map { C.log($0) }
    case .plusEpsilon:
      return plain.probabilities(lane, call).map { C.log($0 + C(rounding: 1e-7)) }
    case .withoutMaximum:
      let logarithm = C.log(sum(lane.first.map { C.exp($0) }, call))
      return lane.first.map { $0 - logarithm }
    case .baseTwo:
      let maximum = maximum(lane.first, call)
      let logarithm = C.log(sum(lane.first.map { C.exp($0 - maximum) }, call))
      let logSumExp = (maximum + logarithm) * C(rounding: 0x1.71547652b82fep+0)
      return lane.first.map { $0 - logSumExp }
    case .softmaxTwice:
      var again = lane
      again.first = plain.probabilities(lane, call)
      return plain.logarithms(again, call)
    case .atMost100:
      let least = C(rounding: -100.0)
      return plain.logarithms(lane, call).map { $0 < least ? least : $0 }
    case .logarithmForgotten:
      let maximum = maximum(lane.first, call)
      return lane.first.map { $0 - maximum }
    default: return plain.logarithms(lane, call)
    }
  }

  func loss<C: BinaryFloat>(_ lane: LaneInputs<C>, target: Int, _ call: DerivedCall) -> C {
    let (logarithms, shares) = (
      logarithms(lane, call), coefficients(lane, target: target, call)
    )
    let loss = lossOfLogarithms(logarithms, shares, call)
    return switch mistake {
    case .otherSign: -loss
    case .dividedByClasses: loss / C(rounding: Double(lane.count))
    case .zeroTimesInfinity: sum(zip(shares, logarithms).map { $0 * -$1 }, call)
    default: loss
    }
  }
}

private struct NarrowLoss: DerivedRecipe {
  enum Mistake: Sendable {
    case logSumExp, everything, logits, probabilities, probabilitiesOfLogSumExp
  }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func computingFormat(for input: FloatFormat) -> FloatFormat {
    mistake == .everything ? input : max(.float32, input)
  }

  private func logSumExp<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> C {
    let maximum = maximum(lane.first, call)
    return maximum + C.log(sum(lane.first.map { C.exp($0 - maximum) }, call))
  }

  func sum<C: BinaryFloat>(_ terms: [C], _ call: DerivedCall) -> C {
    mistake == .everything ? terms.reduce(C.zero) { $0 + $1 } : total(terms)
  }

  func logarithms<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    switch mistake {
    case .logSumExp:
      let stored = rounded(logSumExp(lane, call), to: call.input)
      return lane.first.map { $0 - stored }
    case .logits:
      var narrowed = lane
      narrowed.first = lane.first.map { rounded($0, to: .bfloat16) }
      return PlainDerived().logarithms(narrowed, call)
    case .everything:
      let maximum = maximum(lane.first, call)
      let logarithm = C.log(sum(lane.first.map { C.exp($0 - maximum) }, call))
      return lane.first.map { ($0 - maximum) - logarithm }
    default: return PlainDerived().logarithms(lane, call)
    }
  }

  func probabilities<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    let exact = PlainDerived().probabilities(lane, call)
    switch mistake {
    case .probabilities: return exact.map { rounded($0, to: .bfloat16) }
    case .probabilitiesOfLogSumExp:
      let stored = rounded(logSumExp(lane, call), to: .bfloat16)
      return lane.first.map { C.exp($0 - stored) }
    default: return exact
    }
  }
}
