import AuditedOperations
import FloatFormats
import Laws

extension FaultySoftmax {
  /// The gradient of a softmax lacks a term, or has another one.
  static let gradientFormulaFaults = [
    // deeplearning4j/libnd4j#440, Apiquet/DeepLearningFrameworkFromScratchCpp#1
    FaultySoftmax(
      "softmax-vjp-diagonal-alone", "multiplies by the diagonal of the Jacobian", .formula,
      of: .softmaxVJP, OtherGradient(.diagonalAlone)),
    // pjreddie/darknet#96
    FaultySoftmax(
      "softmax-vjp-copies-the-upstream", "hands the upstream on as it is", .wrongFunction,
      of: .softmaxVJP, OtherGradient(.copied)),
    // HomericIntelligence/Odyssey#2134
    FaultySoftmax(
      "softmax-vjp-without-the-sum", "leaves the sum of p g out", .formula, of: .softmaxVJP,
      OtherGradient(.withoutSum)),
    FaultySoftmax(
      "softmax-vjp-sum-without-probabilities", "subtracts the sum of g, not that of p g",
      .formula, of: .softmaxVJP, OtherGradient(.plainSum)),
    // markroxor/fromscratchtoml#65
    FaultySoftmax(
      "softmax-vjp-twice-as-large", "is off by a factor of two", .formula, of: .softmaxVJP,
      OtherGradient(.doubled)),
    FaultySoftmax(
      "softmax-vjp-with-the-other-sign", "subtracts the upstream from the sum", .formula,
      of: .softmaxVJP, OtherGradient(.otherSign)),
    FaultySoftmax(
      "softmax-vjp-products-overwrite-the-upstream", "reads p g where it should read g",
      .conduct, of: .softmaxVJP, OtherGradient(.overwritten)),
    FaultySoftmax(
      "softmax-vjp-nan-for-masks", "multiplies a probability of 0 by its logarithm",
      .specialValues, of: .softmaxVJP, OtherGradient(.maskIsNaN)),
    FaultySoftmax(
      "softmax-vjp-without-maximum", "takes exponentials of logits as they are", .overflow,
      of: .softmaxVJP, OtherGradient(.withoutMaximum)),
    // ROCm/MIOpen#112 has it the other way round.
    FaultySoftmax(
      "softmax-backward-of-a-log-softmax", "has the gradient of a log-softmax", .formula,
      of: .softmaxBackward, OtherGradient(.ofLogSoftmax)),
    FaultySoftmax(
      "softmax-backward-takes-outputs-for-logits", "takes the softmax of the stored outputs",
      .formula, of: .softmaxBackward, OtherGradient(.softmaxAgain)),
    FaultySoftmax(
      "softmax-backward-normalizes-outputs", "divides stored outputs by their sum", .formula,
      of: .softmaxBackward, OtherGradient(.normalized)),
    FaultySoftmax(
      "softmax-backward-without-the-sum", "leaves the sum of y g out", .formula,
      of: .softmaxBackward, OtherGradient(.withoutSum)),
    FaultySoftmax(
      "softmax-backward-square-of-outputs", "multiplies by y twice", .formula,
      of: .softmaxBackward, OtherGradient(.squared)),
    // uxlfoundation/oneDNN#616
    FaultySoftmax(
      "log-softmax-vjp-dot-with-outputs", "subtracts the sum of the products of g and l",
      .formula, of: .logSoftmaxVJP, OtherGradient(.dotWithLogarithms)),
    // ROCm/MIOpen#112
    FaultySoftmax(
      "log-softmax-vjp-of-a-softmax", "has the gradient of a softmax", .formula,
      of: .logSoftmaxVJP, OtherGradient(.ofSoftmax)),
    FaultySoftmax(
      "log-softmax-vjp-sum-taken-for-one", "subtracts p alone", .formula, of: .logSoftmaxVJP,
      OtherGradient(.sumIsOne)),
    // mlpack/mlpack#2360
    FaultySoftmax(
      "log-softmax-vjp-upstream-for-the-delta", "adds g to a product with all of it", .formula,
      of: .logSoftmaxVJP, OtherGradient(.upstreamForDelta)),
    FaultySoftmax(
      "log-softmax-vjp-mean-for-sum", "subtracts p times the mean of g", .formula,
      of: .logSoftmaxVJP, OtherGradient(.mean)),
    FaultySoftmax(
      "cross-entropy-vjp-with-the-other-sign", "subtracts probabilities from targets", .formula,
      of: .crossEntropyVJP, OtherGradient(.otherSign)),
    FaultySoftmax(
      "cross-entropy-vjp-of-the-target-alone", "has a gradient at the target and zeros elsewhere",
      .formula, of: .crossEntropyVJP, OtherGradient(.targetAlone)),
    FaultySoftmax(
      "cross-entropy-vjp-without-maximum", "divides exponentials of logits as they are",
      .overflow, of: .crossEntropyVJP, OtherGradient(.withoutMaximum)),
    // paiml/aprender#2182
    FaultySoftmax(
      "cross-entropy-vjp-divided-by-the-batch", "divides the gradient by the number of lanes",
      .nondeterminism, of: .crossEntropyVJP, OtherGradient(.dividedByLanes)),
    // apache/mxnet#2215 asks for it.
    FaultySoftmax(
      "cross-entropy-vjp-divided-by-the-classes",
      "divides the gradient by the number of classes", .formula, of: .crossEntropyVJP,
      OtherGradient(.dividedByClasses)),
    // Tutorials that fill the Jacobian by two loops.
    FaultySoftmax(
      "softmax-jacobian-diagonal-alone", "leaves the entries beside the diagonal 0", .formula,
      of: .softmaxJacobian, OtherEntries(.diagonalAlone)),
    FaultySoftmax(
      "softmax-jacobian-with-the-other-sign-beside-the-diagonal",
      "adds the products beside the diagonal", .formula, of: .softmaxJacobian,
      OtherEntries(.otherSign)),
    FaultySoftmax(
      "softmax-jacobian-diagonal-without-the-square", "has p on the diagonal", .formula,
      of: .softmaxJacobian, OtherEntries(.withoutSquare)),
    FaultySoftmax(
      "softmax-jacobian-first-column-for-the-first-row", "has the logit for the output in row 0",
      .axes, of: .softmaxJacobian, OtherEntries(.firstRowUndivided)),
  ]

  /// Gradients keep a step in too narrow a format, or lose a part of a long lane.
  static let gradientPrecisionFaults = [
    // ROCm/MIOpen#3427, Intel-tensorflow/tensorflow#22
    FaultySoftmax(
      "softmax-vjp-sum-in-16-bits", "adds up the products in the format of the logits",
      .lowPrecision, of: .softmaxVJP, formats: .narrow, NarrowGradient(.sum)),
    FaultySoftmax(
      "softmax-vjp-of-a-float16-probability", "stores probabilities in float16", .types,
      of: .softmaxVJP, formats: .wide, NarrowGradient(.probabilities)),
    FaultySoftmax(
      "softmax-backward-sum-in-16-bits", "adds up the products in the format of the outputs",
      .lowPrecision, of: .softmaxBackward, formats: .narrow, NarrowGradient(.sum)),
    FaultySoftmax(
      "softmax-backward-upstream-through-bfloat16", "rounds the upstream to bfloat16", .types,
      of: .softmaxBackward, formats: .beyondBFloat16, NarrowGradient(.upstream)),
    // jax-ml/jax#40409
    FaultySoftmax(
      "log-softmax-vjp-sum-in-16-bits", "adds up the upstream in its own format",
      .lowPrecision, of: .logSoftmaxVJP, formats: .narrow, NarrowGradient(.sum)),
    FaultySoftmax(
      "log-softmax-vjp-logarithms-in-16-bits", "takes exponentials of rounded log-probabilities",
      .lowPrecision, of: .logSoftmaxVJP, formats: .wide, NarrowGradient(.logarithms)),
    // PaddlePaddle/Paddle#57858 computes nothing there.
    FaultySoftmax(
      "softmax-vjp-sum-of-first-1024", "adds up the first 1024 products", .tails,
      of: .softmaxVJP, ShortSums(.first1024)),
    // kakaobrain/trident#15
    FaultySoftmax(
      "softmax-backward-last-product-lost-for-odd-n", "adds up pairs of products", .tails,
      of: .softmaxBackward, ShortSums(.pairs)),
    FaultySoftmax(
      "log-softmax-vjp-tail-of-16-lost", "adds up whole vectors of 16", .tails,
      of: .logSoftmaxVJP, ShortSums(.vectors)),
    FaultySoftmax(
      "cross-entropy-sum-of-first-1024", "adds up the first 1024 exponentials", .tails,
      of: .crossEntropy, ShortSums(.first1024)),
    FaultySoftmax(
      "cross-entropy-vjp-last-class-lost-for-odd-n", "adds up pairs of exponentials", .tails,
      of: .crossEntropyVJP, ShortSums(.pairs)),
  ]

  /// Gradients and losses mix up lanes, or calls.
  static let derivedBatchFaults = [
    // linkedin/Liger-Kernel#1298, paiml/aprender#2182
    FaultySoftmax(
      "softmax-vjp-upstream-of-the-first-lane", "takes the first upstream for all lanes", .axes,
      of: .softmaxVJP, OtherLanes(.firstUpstream)),
    // SKaiNET-developers/SKaiNET#863 is about this axis.
    FaultySoftmax(
      "softmax-vjp-upstream-along-the-last-axis", "reads the upstream as if the axis were last",
      .memoryLayout, of: .softmaxVJP, OtherLanes(.packedUpstream)),
    FaultySoftmax(
      "log-softmax-vjp-upstream-along-the-last-axis",
      "reads the upstream of a lane as one piece of memory", .memoryLayout, of: .logSoftmaxVJP,
      OtherLanes(.packedUpstream)),
    FaultySoftmax(
      "softmax-backward-last-lane-of-an-odd-batch-unwritten", "handles lanes two by two", .tails,
      of: .softmaxBackward, OtherLanes(.oddLaneUnwritten)),
    FaultySoftmax(
      "cross-entropy-last-lane-of-an-odd-batch-unwritten",
      "handles lanes two by two and leaves the last loss 0", .tails, of: .crossEntropy,
      OtherLanes(.oddLaneUnwritten)),
    FaultySoftmax(
      "cross-entropy-lanes-beyond-65535-unwritten", "has a grid of 65535 blocks", .indexWidth,
      of: .crossEntropy, OtherLanes(.beyond65535)),
    FaultySoftmax(
      "cross-entropy-vjp-accumulates", "adds the gradients of the calls before", .nondeterminism,
      of: .crossEntropyVJP, OtherLanes(.accumulates)),
  ]
}

private struct OtherGradient: DerivedRecipe {
  enum Mistake: Sendable {
    case diagonalAlone, copied, withoutSum, plainSum, doubled, otherSign, overwritten, maskIsNaN
    case withoutMaximum, ofLogSoftmax, softmaxAgain, normalized, squared
    case dotWithLogarithms, ofSoftmax, sumIsOne, upstreamForDelta, mean
    case targetAlone, dividedByLanes, dividedByClasses
  }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func probabilities<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    switch mistake {
    case .withoutMaximum:
      let exponentials = lane.first.map { C.exp($0) }
      let sum = sum(exponentials, call)
      return exponentials.map { $0 / sum }
    case .softmaxAgain:
      let maximum = maximum(lane.first, call)
      let exponentials = lane.first.map { C.exp($0 - maximum) }
      let sum = sum(exponentials, call)
      return exponentials.map { $0 / sum }
    case .normalized:
      let sum = sum(lane.first, call)
      return lane.first.map { $0 / sum }
    default: return PlainDerived().probabilities(lane, call)
    }
  }

  func gradient<C: BinaryFloat>(
    _ probabilities: [C], _ upstream: [C], _ call: DerivedCall
  ) -> [C] {
    let products = zip(probabilities, upstream).map { $0 * $1 }
    let dot = sum(products, call)
    let plainSum = sum(upstream, call)
    return probabilities.indices.map { index in
      let (p, g) = (probabilities[index], upstream[index])
      return switch mistake {
      case .diagonalAlone: p * (C.one - p) * g
      case .copied: g
      case .withoutSum: p * g
      case .plainSum: p * (g - plainSum)
      case .doubled: (p + p) * (g - dot)
      case .otherSign: p * (dot - g)
      case .overwritten: p * (products[index] - dot)
      case .maskIsNaN: p * (g - dot) + p * C.log(p) * C.zero
      case .ofLogSoftmax: g - p * plainSum
      case .squared: p * p * (g - dot)
      default: p * (g - dot)
      }
    }
  }

  func logGradient<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ upstream: [C], _ call: DerivedCall
  ) -> [C] {
    let p = probabilities(lane, call)
    switch mistake {
    case .dotWithLogarithms:
      let dot = sum(zip(upstream, logarithms(lane, call)).map { $0 * $1 }, call)
      return upstream.map { $0 - dot }
    case .ofSoftmax: return PlainDerived().gradient(p, upstream, call)
    case .sumIsOne: return zip(upstream, p).map { $0 - $1 }
    case .upstreamForDelta: return zip(upstream, p).map { $0 + $0 * $1 }
    case .mean:
      let mean = sum(upstream, call) / C(rounding: Double(upstream.count))
      return zip(upstream, p).map { $0 - $1 * mean }
    default: return PlainDerived().logGradient(lane, upstream, call)
    }
  }

  func lossGradient<C: BinaryFloat>(
    _ probabilities: [C], _ coefficients: [C], _ call: DerivedCall
  ) -> [C] {
    let sound = PlainDerived().lossGradient(probabilities, coefficients, call)
    switch mistake {
    case .otherSign: return sound.map { -$0 }
    case .targetAlone:
      return sound.indices.map { coefficients[$0].isZero ? C.zero : sound[$0] }
    case .dividedByLanes: return sound.map { $0 / C(rounding: Double(call.laneCount)) }
    case .dividedByClasses: return sound.map { $0 / C(rounding: Double(sound.count)) }
    default: return sound
    }
  }
}

private struct OtherEntries: DerivedRecipe {
  enum Mistake: Sendable { case diagonalAlone, otherSign, withoutSquare, firstRowUndivided }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func entry<C: BinaryFloat>(_ probabilities: [C], _ i: Int, _ j: Int) -> C {
    let sound = PlainDerived().entry(probabilities, i, j)
    return switch mistake {
    case .diagonalAlone: i == j ? sound : C.zero
    case .otherSign: i == j ? sound : -sound
    case .withoutSquare: i == j ? probabilities[i] : sound
    case .firstRowUndivided: i == 0 && j > 0 ? -probabilities[j] : sound
    }
  }
}

private struct NarrowGradient: DerivedRecipe {
  enum Mistake: Sendable { case sum, probabilities, upstream, logarithms }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  private func narrowSum<C: BinaryFloat>(_ terms: [C], _ call: DerivedCall) -> C {
    terms.reduce(C.zero) { rounded($0 + $1, to: call.input) }
  }

  func probabilities<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    let exact = PlainDerived().probabilities(lane, call)
    return mistake == .probabilities ? exact.map { rounded($0, to: .float16) } : exact
  }

  func gradient<C: BinaryFloat>(
    _ probabilities: [C], _ upstream: [C], _ call: DerivedCall
  ) -> [C] {
    let g = mistake == .upstream ? upstream.map { rounded($0, to: .bfloat16) } : upstream
    let products = zip(probabilities, g).map { $0 * $1 }
    let dot = mistake == .sum ? narrowSum(products, call) : sum(products, call)
    return zip(probabilities, g).map { $0 * ($1 - dot) }
  }

  func logGradient<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ upstream: [C], _ call: DerivedCall
  ) -> [C] {
    let whole = mistake == .sum ? narrowSum(upstream, call) : sum(upstream, call)
    guard mistake == .logarithms else {
      return zip(upstream, probabilities(lane, call)).map { $0 - $1 * whole }
    }
    return zip(upstream, logarithms(lane, call)).map {
      $0 - C.exp(rounded($1, to: .bfloat16)) * whole
    }
  }
}

private struct ShortSums: DerivedRecipe {
  enum Mistake: Sendable { case first1024, pairs, vectors }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  private func kept(of count: Int) -> Int {
    switch mistake {
    case .first1024: min(count, 1024)
    case .pairs: count == 1 ? 1 : count / 2 * 2
    case .vectors: count < 16 ? count : count / 16 * 16
    }
  }

  func sum<C: BinaryFloat>(_ terms: [C], _ call: DerivedCall) -> C {
    total(Array(terms.prefix(kept(of: terms.count))))
  }

  // Sums of the shares of classes and of a smoothed loss are short, and right.
  func probabilities<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    guard call.operation == .crossEntropyVJP else {
      return PlainDerived().probabilities(lane, call)
    }
    let maximum = maximum(lane.first, call)
    let exponentials = lane.first.map { C.exp($0 - maximum) }
    let sum = sum(exponentials, call)
    return exponentials.map { $0 / sum }
  }

  func lossGradient<C: BinaryFloat>(
    _ probabilities: [C], _ coefficients: [C], _ call: DerivedCall
  ) -> [C] {
    PlainDerived().lossGradient(probabilities, coefficients, call)
  }

  func loss<C: BinaryFloat>(_ lane: LaneInputs<C>, target: Int, _ call: DerivedCall) -> C {
    PlainDerived().lossOfLogarithms(
      logarithms(lane, call), coefficients(lane, target: target, call), call)
  }
}

private struct OtherLanes: DerivedRecipe {
  enum Mistake: Sendable {
    case firstUpstream, packedUpstream, oddLaneUnwritten, beyond65535, accumulates
  }
  let mistake: Mistake
  init(_ mistake: Mistake) { self.mistake = mistake }

  func inputs<F: BinaryFloat>(
    ofLane number: Int, of inputs: OperationInputs<F>
  ) -> LaneInputs<F> {
    var lane = inputs.lane(number)
    switch mistake {
    case .firstUpstream: lane.upstream = inputs.upstream(ofLane: 0)
    case .packedUpstream:
      let start = number * lane.count
      lane.upstream = inputs.upstream.map { Array($0[start..<start + lane.count]) } ?? []
    default: break
    }
    return lane
  }

  func writes(_ call: DerivedCall) -> Bool {
    switch mistake {
    case .oddLaneUnwritten:
      call.laneCount == 1 || call.laneCount.isMultiple(of: 2) || call.lane + 1 < call.laneCount
    case .beyond65535: call.lane < 65_535
    default: true
    }
  }

  func outputs<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    let outputs = PlainDerived().outputs(lane, call)
    guard mistake == .accumulates else { return outputs }
    return outputs.map { $0 * C(rounding: Double(call.calls + 1)) }
  }
}
