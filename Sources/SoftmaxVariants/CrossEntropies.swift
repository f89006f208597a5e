import AuditedOperations
import FloatFormats

/// The coefficients q of a loss sum q (-l): w_t (1 - e) [c = t] + (e / n) w_c.
private func coefficients<C: BinaryFloat>(_ lane: LaneInputs<C>, target: Int) -> [C] {
  let smoothing = C(rounding: lane.labelSmoothing)
  let share = smoothing / C(rounding: Double(lane.count))
  return (0..<lane.count).map { index in
    let spread = smoothing.isZero ? .zero : share * lane.weight(index)
    return index == target ? (.one - smoothing) * lane.weight(target) + spread : spread
  }
}

extension DerivedAlgorithm {
  /// sum q (-l) over the classes that count.
  fileprivate static func loss<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, _ surprise: (Int) -> C
  ) -> [C] {
    guard let target = lane.target else { return [.zero] }
    let terms = coefficients(lane, target: target).enumerated()
      .filter { !$0.element.isZero }
      .map { $0.element * surprise($0.offset) }
    return [sum(terms, summation)]
  }

  /// p sum q - q.
  fileprivate static func lossGradient<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, _ probabilities: [C]
  ) -> [C] {
    guard let target = lane.target else { return lane.first.map { _ in .zero } }
    let q = coefficients(lane, target: target)
    let total = sum(q, summation)
    return zip(probabilities, q).map { $0 * total - $1 }
  }
}

/// The negative log-likelihood of a log-softmax.
enum LossOfLogSoftmax: DerivedAlgorithm {
  static var operation: AuditedOperation { .crossEntropy }
  static var name: String { "of-log-softmax" }
  static var formula: String { "sum q (-l), l = (x - m) - log s" }
  static var source: String { "PyTorch's cross_entropy: nll_loss of log_softmax" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    let logarithms = logSoftmax(lane.first, summation)
    return loss(lane, summation) { -logarithms[$0] }
  }
}

/// L - x_t: the logsumexp less the logit.
enum FusedLoss: DerivedAlgorithm {
  static var operation: AuditedOperation { .crossEntropy }
  static var name: String { "fused" }
  static var formula: String { "sum q (L - x), L = m + log s" }
  /// The rounding of L is one of the size of the logits, and is never undone.
  static var largestLogit: Double { 64 }
  static var source: String { "fused kernels, which store L for the gradient" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    let (maximum, _, total) = shifted(lane.first, summation)
    let logSumExp = maximum + C.log(total)
    return loss(lane, summation) { logSumExp - lane.first[$0] }
  }
}

/// The softmax less the targets.
enum LossGradientOfSoftmax: DerivedAlgorithm {
  static var operation: AuditedOperation { .crossEntropyVJP }
  static var name: String { "softmax-less-target" }
  static var formula: String { "p sum q - q, p = exp(x - m) / s" }
  static var source: String { "textbooks: softmax minus one-hot" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    lossGradient(lane, summation, softmax(lane.first, summation))
  }
}

/// The same with probabilities from the stored logsumexp.
enum FusedLossGradient: DerivedAlgorithm {
  static var operation: AuditedOperation { .crossEntropyVJP }
  static var name: String { "fused" }
  static var formula: String { "p sum q - q, p = exp(x - L), L = m + log s" }
  /// The rounding of L is one of the size of the logits, and is never undone.
  static var largestLogit: Double { 64 }
  static var source: String { "fused kernels, which read L from the forward pass" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    let (maximum, _, total) = shifted(lane.first, summation)
    let logSumExp = maximum + C.log(total)
    return lossGradient(lane, summation, lane.first.map { C.exp($0 - logSumExp) })
  }
}
