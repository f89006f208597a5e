import AuditedOperations

/// The coefficients q of a loss sum q (-l): w_t (1 - e) [c = t] + (e / n) w_c.
private func coefficients<Number: DerivedNumber>(
  _ lane: DerivedInputs<Number>, target: Int
) -> [Number] {
  let smoothing = Number(rounding: lane.labelSmoothing)
  let share = smoothing / Number(rounding: Double(lane.count))
  return (0..<lane.count).map { index in
    let spread = lane.labelSmoothing == 0 ? .zero : share * lane.weight(index)
    return index == target ? (.one - smoothing) * lane.weight(target) + spread : spread
  }
}

extension DerivedAlgorithm {
  /// sum q (-l) over the classes that count.
  fileprivate static func loss<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, _ surprise: (Int) -> Number
  ) -> [Number] {
    guard let target = lane.target else { return [.zero] }
    let terms = coefficients(lane, target: target).enumerated()
      .compactMap { $0.element.scaling(surprise($0.offset)) }
    return [sum(terms, summation)]
  }

  /// p sum q - q.
  fileprivate static func lossGradient<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, _ probabilities: [Number]
  ) -> [Number] {
    guard let target = lane.target else { return lane.first.map { _ in .zero } }
    let q = coefficients(lane, target: target)
    let total = sum(q, summation)
    return zip(probabilities, q).map { $0 * total - $1 }
  }
}

/// The negative log-likelihood of a log-softmax.
///
/// **Bound.** ``RunningError``, step by step. To first order, in units of u, a log-probability errs
/// by E_c = d_c + l + |l_c|, l being what ``ShiftedLogSoftmax`` says of ln s, a coefficient by up
/// to four roundings, and the products and their sum by one and by S: sum q_c (E_c + 5 |l_c|) + S.
/// Without smoothing and weights that is E_t. The offset of the logits has no part in it.
enum LossOfLogSoftmax: DerivedAlgorithm {
  static var operation: AuditedOperation { .crossEntropy }
  static var name: String { "of-log-softmax" }
  static var formula: String { "sum q (-l), l = (x - m) - log s" }
  static var source: String { "PyTorch's cross_entropy: nll_loss of log_softmax" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let logarithms = logSoftmax(lane.first, summation)
    return loss(lane, summation) { -logarithms[$0] }
  }
}

/// L - x_t: the logsumexp less the logit.
///
/// **Bound.** ``RunningError``, step by step. To first order, in units of u, L errs by l + |L|, and
/// L - x_c by |l_c| more; the rest is that of ``LossOfLogSoftmax``. Nothing undoes the |L|: **the
/// error grows with the offset of the logits.**
enum FusedLoss: DerivedAlgorithm {
  static var operation: AuditedOperation { .crossEntropy }
  static var name: String { "fused" }
  static var formula: String { "sum q (L - x), L = m + log s" }
  /// The rounding of L is one of the size of the logits, and is never undone.
  static var largestLogit: Double { 64 }
  static var source: String { "fused kernels, which store L for the gradient" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let (maximum, _, total) = shifted(lane.first, summation)
    let logSumExp = maximum + Number.log(total)
    return loss(lane, summation) { logSumExp - lane.first[$0] }
  }
}

/// The logarithms of a softmax, weighted by one-hot targets.
///
/// **Bound.** ``RunningError``, step by step. To first order, in units of u, with B_c the relative
/// error of p_c as in ``MaxTrick``, -log p_c errs by B_c + kappa |l_c|, the coefficients, products
/// and their sum as in ``LossOfLogSoftmax``: sum q_c (B_c + (kappa + 5) |l_c|) + S. Near p = 1 the
/// B_c stays: a rounded probability has lost the digits of a small loss.
///
/// **Domain.** No probability of a class that counts may vanish, unless its logit is -inf. Classes
/// whose coefficient is 0 are left out: what multiplies them by an infinite logarithm gives NaN
/// where a probability vanishes, and has no bound there.
enum OneHotLoss: DerivedAlgorithm {
  static var operation: AuditedOperation { .crossEntropy }
  static var name: String { "one-hot" }
  static var formula: String { "sum q (-log p), p = exp(x - m) / s" }
  /// e^-80 is far from the least number of float32.
  static var largestLogit: Double { 40 }
  static var source: String {
    "tutorials: -sum(one_hot * log(softmax(x))); scikit-learn's log_loss, with xlogy"
  }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let probabilities = softmax(lane.first, summation)
    return loss(lane, summation) { -Number.log(probabilities[$0]) }
  }
}

/// The softmax less the targets.
///
/// **Bound.** ``RunningError``, step by step. To first order, in units of u, with B_i the relative
/// error of p_i as in ``MaxTrick`` and W = sum q, which errs by up to four roundings and S: p_i W
/// (B_i + 5) + p_i S + 4 q_i + |p_i W - q_i|.
enum LossGradientOfSoftmax: DerivedAlgorithm {
  static var operation: AuditedOperation { .crossEntropyVJP }
  static var name: String { "softmax-less-target" }
  static var formula: String { "p sum q - q, p = exp(x - m) / s" }
  static var source: String { "textbooks: softmax minus one-hot" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    lossGradient(lane, summation, softmax(lane.first, summation))
  }
}

/// The same with probabilities from the stored logsumexp.
///
/// **Bound.** That of ``LossGradientOfSoftmax`` with B_i = l + |L| + |l_i| + 2 kappa, as the
/// argument x_i - L errs in ``FusedLoss``.
enum FusedLossGradient: DerivedAlgorithm {
  static var operation: AuditedOperation { .crossEntropyVJP }
  static var name: String { "fused" }
  static var formula: String { "p sum q - q, p = exp(x - L), L = m + log s" }
  /// The rounding of L is one of the size of the logits, and is never undone.
  static var largestLogit: Double { 64 }
  static var source: String { "fused kernels, which read L from the forward pass" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let (maximum, _, total) = shifted(lane.first, summation)
    let logSumExp = maximum + Number.log(total)
    return lossGradient(lane, summation, lane.first.map { Number.exp($0 - logSumExp) })
  }
}
