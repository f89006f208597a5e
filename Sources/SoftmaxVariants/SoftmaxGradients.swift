import AuditedOperations

/// p (g - sum p g), p computed anew from the logits.
///
/// **Bound.** ``RunningError``, step by step. To first order, in units of u, with B_j the relative
/// error of p_j as in ``MaxTrick``, D = sum p g errs by E = sum p_j |g_j| (B_j + 1) + S, and the
/// output by p_i (E + |g_i - D| (B_i + 2)). Where g is constant nothing but E is left.
enum RecomputedSoftmaxVJP: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxVJP }
  static var name: String { "recomputed" }
  static var formula: String { "p (g - sum p g), p = exp(x - m) / s computed anew" }
  static var source: String { "attention backward passes that store no probabilities" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    centred(softmax(lane.first, summation), lane.upstream, summation)
  }
}

/// p (g - sum p g), p as the forward pass stored it in the format of the logits.
///
/// **Bound.** That of ``RecomputedSoftmaxVJP``, each B_j with one more rounding, to the format of
/// the logits: half of its least subnormal number where p_j is subnormal there.
enum StoredSoftmaxVJP: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxVJP }
  static var name: String { "stored" }
  static var formula: String { "p (g - sum p g), p = exp(x - m) / s as it was stored" }
  static var source: String { "automatic differentiation, which keeps the output" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    centred(softmax(lane.first, summation).map(store), lane.upstream, summation)
  }
}

/// The product of the Jacobian, row by row, with g.
///
/// **Bound.** ``RunningError``, step by step. To first order, in units of u, an entry p_i p_j errs
/// by (B_i + B_j + 1) of itself, p_i (1 - p_i) by B_i (p_i + p_i^2) + 2 p_i (1 - p_i), the products
/// with g by one rounding each, and their sum by S. The terms do not cancel as g - D does: that is
/// a sum over |g_i| p_i p_j, whatever the output is.
enum JacobianSoftmaxVJP: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxVJP }
  static var name: String { "jacobian" }
  static var formula: String { "sum over i of g_i p_i ([i = j] - p_j)" }
  static var source: String { "tutorials: einsum with the Jacobian" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let probabilities = softmax(lane.first, summation)
    return probabilities.indices.map { j in
      sum(
        probabilities.indices.map { i in
          let entry =
            i == j
            ? probabilities[i] * (.one - probabilities[i]) : -(probabilities[i] * probabilities[j])
          return lane.upstream[i] * entry
        }, summation)
    }
  }
}

/// y (g - sum y g), from stored probabilities.
///
/// **Bound.** That of ``RecomputedSoftmaxVJP`` with B = 0, for numbers of either sign: E = sum |y_j
/// g_j| + S, and |y_i| (E + 2 |g_i - D|).
enum CentredSoftmaxBackward: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxBackward }
  static var name: String { "centred" }
  static var formula: String { "y (g - sum y g)" }
  static var source: String { "PyTorch's _softmax_backward_data" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    centred(lane.first, lane.upstream, summation)
  }
}

/// y g - y sum y g.
///
/// **Bound.** ``RunningError``, step by step. To first order, in units of u, |y_i| (E + |g_i| +
/// |D|) + |v_i| with E as in ``CentredSoftmaxBackward``: rounded products, whose difference keeps
/// their errors where it is small.
enum DistributedSoftmaxBackward: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxBackward }
  static var name: String { "distributed" }
  static var formula: String { "y g - y sum y g" }
  static var source: String { "kernels that keep y g for the sum" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let products = zip(lane.first, lane.upstream).map { $0 * $1 }
    let dot = sum(products, summation)
    return zip(products, lane.first).map { $0 - $1 * dot }
  }
}

/// g - p sum g, p the exponential of the log-softmax.
///
/// **Bound.** ``RunningError``, step by step. To first order, in units of u, p_i errs by B_i = 2
/// d_i + ln s + l + 2 kappa of itself, as in ``LogSumExpShifted``, the sum G of g by S, and the
/// output by p_i (S + |G| (B_i + 1)) + |v_i|.
enum LogSoftmaxVJPOfLogarithms: DerivedAlgorithm {
  static var operation: AuditedOperation { .logSoftmaxVJP }
  static var name: String { "exp-of-log" }
  static var formula: String { "g - exp(l) sum g, l the log-softmax" }
  static var source: String { "PyTorch's _log_softmax_backward_data" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let total = sum(lane.upstream, summation)
    return zip(lane.upstream, logSoftmax(lane.first, summation)).map {
      $0 - Number.exp($1) * total
    }
  }
}

/// g - p sum g.
///
/// **Bound.** That of ``LogSoftmaxVJPOfLogarithms`` with the B_i of ``MaxTrick``.
enum LogSoftmaxVJPOfProbabilities: DerivedAlgorithm {
  static var operation: AuditedOperation { .logSoftmaxVJP }
  static var name: String { "of-probabilities" }
  static var formula: String { "g - p sum g, p = exp(x - m) / s" }
  static var source: String { "hand-written gradients" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let total = sum(lane.upstream, summation)
    return zip(lane.upstream, softmax(lane.first, summation)).map { $0 - $1 * total }
  }
}

/// diag(p) - p p^T.
///
/// **Bound.** ``RunningError``, step by step. To first order, in units of u, p_i p_j (B_i + B_j +
/// 1) beside the diagonal, B as in ``MaxTrick``, and on it p_i B_i + p_i^2 (2 B_i + 1) + p_i (1 -
/// p_i): where p_i is near 1 the entry is the difference of nearly equal numbers, and keeps their
/// errors.
enum OuterProductJacobian: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxJacobian }
  static var name: String { "outer" }
  static var formula: String { "diag(p) - p p^T" }
  static var source: String { "tutorials: np.diagflat(s) - np.dot(s, s.T)" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let p = softmax(lane.first, summation)
    return p.indices.flatMap { i in
      p.indices.map { j in i == j ? p[i] - p[i] * p[i] : -(p[i] * p[j]) }
    }
  }
}

/// p_i ([i = j] - p_j), entry by entry.
///
/// **Bound.** That of ``OuterProductJacobian``, on the diagonal p_i (p_i B_i + (1 - p_i) (B_i +
/// 2)).
enum LoopedJacobian: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxJacobian }
  static var name: String { "looped" }
  static var formula: String { "p_i ([i = j] - p_j)" }
  static var source: String { "tutorials: two loops with an if" }

  static func outputs<Number: DerivedNumber>(
    _ lane: DerivedInputs<Number>, _ summation: Summation, store: (Number) -> Number
  ) -> [Number] {
    let p = softmax(lane.first, summation)
    return p.indices.flatMap { i in
      p.indices.map { j in p[i] * ((i == j ? Number.one : .zero) - p[j]) }
    }
  }
}
