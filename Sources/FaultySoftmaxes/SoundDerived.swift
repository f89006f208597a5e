import AuditedOperations
import FloatFormats
import RealModule

extension SoundSoftmax {
  /// The forms of losses, gradients and Jacobians that libraries have; all keep the default
  /// tolerance.
  static let derived: [SoundSoftmax] =
    ofEveryOperation + [
      SoundSoftmax(
        "cross-entropy-fused", "subtracts each logit from the logsumexp", of: .crossEntropy,
        largestLogit: 64, DerivedForm(.fusedLoss)),
      SoundSoftmax(
        "cross-entropy-in-two-parts",
        "adds the loss of the target and the spread loss of all classes", of: .crossEntropy,
        // The sum of all losses overflows before it is divided.
        largestLogit: 0x1p100, DerivedForm(.twoParts)),
      SoundSoftmax(
        "cross-entropy-log1p", "takes log1p of the sum without its largest term",
        of: .crossEntropy, largestLogit: largestLogit(of: .crossEntropy),
        DerivedForm(.logOfOnePlus)),
      SoundSoftmax(
        "cross-entropy-vjp-of-a-logsumexp", "takes probabilities from the logsumexp",
        of: .crossEntropyVJP, largestLogit: 64, DerivedForm(.ofLogSumExp)),
      SoundSoftmax(
        "cross-entropy-vjp-exp-of-log", "takes probabilities from the log-softmax",
        of: .crossEntropyVJP, DerivedForm(.ofLogarithms)),
      SoundSoftmax(
        "softmax-vjp-distributed", "subtracts p sum p g from p g", of: .softmaxVJP,
        DerivedForm(.distributed)),
      SoundSoftmax(
        "softmax-vjp-reciprocal", "multiplies by the reciprocal of the sum", of: .softmaxVJP,
        DerivedForm(.reciprocal)),
      SoundSoftmax(
        "softmax-vjp-divided-at-the-end", "divides the sum of the products by that of the terms",
        of: .softmaxVJP, DerivedForm(.dividedLate)),
      SoundSoftmax(
        "softmax-vjp-of-stored-probabilities", "stores probabilities in the format of the logits",
        of: .softmaxVJP, DerivedForm(.stored)),
      SoundSoftmax(
        "softmax-backward-distributed", "subtracts y sum y g from y g", of: .softmaxBackward,
        DerivedForm(.distributed)),
      SoundSoftmax(
        "log-softmax-vjp-exp-of-log", "takes probabilities from the log-softmax",
        of: .logSoftmaxVJP, DerivedForm(.ofLogarithms)),
      SoundSoftmax(
        "softmax-jacobian-outer", "subtracts the outer product from the diagonal",
        of: .softmaxJacobian, DerivedForm(.outer)),
    ]

  /// The largest logit that forms of an operation are made for; `nil` for any.
  ///
  /// A loss may be finite where its logarithm, before it is multiplied by a weight below 1,
  /// overflows the format.
  private static func largestLogit(of operation: AuditedOperation) -> Double? {
    operation == .crossEntropy ? 0x1p126 : nil
  }

  /// Sound steps that serve every operation.
  private static let ofEveryOperation: [SoundSoftmax] = [
    AuditedOperation.crossEntropy, .softmaxVJP, .softmaxBackward, .logSoftmaxVJP,
    .crossEntropyVJP, .softmaxJacobian,
  ].flatMap { operation in
    let name = operation.name
    return [
      SoundSoftmax(
        "plain-\(name)", "the recipe that faults of \(name) start from", of: operation,
        largestLogit: largestLogit(of: operation), PlainDerived()),
      SoundSoftmax(
        "\(name)-added-in-order", "\(name) with every sum from the first term to the last",
        of: operation, largestLogit: largestLogit(of: operation), DerivedForm(.inOrder)),
      SoundSoftmax(
        "\(name)-sixteen-accumulators", "\(name) with sums as a vector unit of 16 has them",
        of: operation, largestLogit: largestLogit(of: operation), DerivedForm(.sixteen)),
      SoundSoftmax(
        "\(name)-float64-inside", "\(name) computed in float64 and rounded once", of: operation,
        formats: [.float16, .bfloat16, .float32], DerivedForm(.float64)),
    ]
  }
}

private struct DerivedForm: DerivedRecipe {
  enum Form: Sendable {
    case fusedLoss, twoParts, logOfOnePlus, ofLogSumExp, ofLogarithms
    case distributed, reciprocal, dividedLate, stored, outer
    case inOrder, sixteen, float64
  }
  let form: Form
  init(_ form: Form) { self.form = form }

  func computingFormat(for input: FloatFormat) -> FloatFormat {
    form == .float64 ? .float64 : max(.float32, input)
  }

  func sum<C: BinaryFloat>(_ terms: [C], _ call: DerivedCall) -> C {
    switch form {
    case .inOrder: return terms.reduce(C.zero) { $0 + $1 }
    case .sixteen:
      var partial = Array(repeating: C.zero, count: 16)
      for (index, term) in terms.enumerated() {
        partial[index & 15] = partial[index & 15] + term
      }
      return total(partial)
    default: return total(terms)
    }
  }

  private func shifted<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ call: DerivedCall
  ) -> (maximum: C, exponentials: [C], sum: C) {
    let maximum = maximum(lane.first, call)
    let exponentials = lane.first.map { C.exp($0 - maximum) }
    return (maximum, exponentials, sum(exponentials, call))
  }

  func probabilities<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    guard call.operation != .softmaxBackward else { return lane.first }
    let (maximum, exponentials, whole) = shifted(lane, call)
    switch form {
    case .ofLogSumExp:
      let logSumExp = maximum + C.log(whole)
      return lane.first.map { C.exp($0 - logSumExp) }
    case .ofLogarithms: return logarithms(lane, call).map { C.exp($0) }
    case .reciprocal:
      let reciprocal = C.one / whole
      return exponentials.map { $0 * reciprocal }
    case .stored: return exponentials.map { rounded($0 / whole, to: call.input) }
    default: return exponentials.map { $0 / whole }
    }
  }

  func logarithms<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    let (maximum, exponentials, whole) = shifted(lane, call)
    switch form {
    case .fusedLoss:
      let logSumExp = maximum + C.log(whole)
      return lane.first.map { -(logSumExp - $0) }
    case .logOfOnePlus:
      guard let largest = exponentials.firstIndex(of: C.one) else {
        return lane.first.map { _ in C.nan }
      }
      let rest = sum(
        Array(exponentials[..<largest]) + Array(exponentials[(largest + 1)...]), call)
      let logarithm = C(rounding: Double.log(onePlus: rest.exactDouble))
      return lane.first.map { ($0 - maximum) - logarithm }
    default:
      let logarithm = C.log(whole)
      return lane.first.map { ($0 - maximum) - logarithm }
    }
  }

  func loss<C: BinaryFloat>(_ lane: LaneInputs<C>, target: Int, _ call: DerivedCall) -> C {
    let logarithms = logarithms(lane, call)
    guard form == .twoParts else {
      return lossOfLogarithms(logarithms, coefficients(lane, target: target, call), call)
    }
    let smoothing = C(rounding: lane.labelSmoothing)
    let own = lane.weight(target).isZero ? C.zero : lane.weight(target) * -logarithms[target]
    guard !smoothing.isZero else { return own }
    let spread = sum(
      logarithms.indices.filter { !lane.weight($0).isZero }
        .map { lane.weight($0) * -logarithms[$0] }, call)
    return (C.one - smoothing) * own + smoothing / C(rounding: Double(lane.count)) * spread
  }

  func gradient<C: BinaryFloat>(
    _ probabilities: [C], _ upstream: [C], _ call: DerivedCall
  ) -> [C] {
    let products = zip(probabilities, upstream).map { $0 * $1 }
    let dot = sum(products, call)
    guard form == .distributed else {
      return zip(probabilities, upstream).map { $0 * ($1 - dot) }
    }
    return zip(products, probabilities).map { $0 - $1 * dot }
  }

  func outputs<C: BinaryFloat>(_ lane: LaneInputs<C>, _ call: DerivedCall) -> [C] {
    switch form {
    case .dividedLate:
      let (_, exponentials, whole) = shifted(lane, call)
      let dot = sum(zip(exponentials, lane.upstream).map { $0 * $1 }, call) / whole
      return zip(exponentials, lane.upstream).map { $0 / whole * ($1 - dot) }
    case .outer:
      let p = probabilities(lane, call)
      return p.indices.flatMap { i in
        p.indices.map { j in i == j ? p[i] - p[i] * p[i] : -(p[i] * p[j]) }
      }
    default: return outputsInSteps(lane, call)
    }
  }
}
