import AuditedOperations
import FloatFormats

/// p (g - sum p g), p computed anew from the logits.
enum RecomputedSoftmaxVJP: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxVJP }
  static var name: String { "recomputed" }
  static var formula: String { "p (g - sum p g), p = exp(x - m) / s computed anew" }
  static var source: String { "attention backward passes that store no probabilities" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    centred(softmax(lane.first, summation), lane.upstream, summation)
  }
}

/// p (g - sum p g), p as the forward pass stored it in the format of the logits.
enum StoredSoftmaxVJP: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxVJP }
  static var name: String { "stored" }
  static var formula: String { "p (g - sum p g), p = exp(x - m) / s as it was stored" }
  static var source: String { "automatic differentiation, which keeps the output" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    centred(softmax(lane.first, summation).map(store), lane.upstream, summation)
  }
}

/// The product of the Jacobian, row by row, with g.
enum JacobianSoftmaxVJP: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxVJP }
  static var name: String { "jacobian" }
  static var formula: String { "sum over i of g_i p_i ([i = j] - p_j)" }
  static var source: String { "tutorials: einsum with the Jacobian" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
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
enum CentredSoftmaxBackward: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxBackward }
  static var name: String { "centred" }
  static var formula: String { "y (g - sum y g)" }
  static var source: String { "PyTorch's _softmax_backward_data" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    centred(lane.first, lane.upstream, summation)
  }
}

/// y g - y sum y g.
enum DistributedSoftmaxBackward: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxBackward }
  static var name: String { "distributed" }
  static var formula: String { "y g - y sum y g" }
  static var source: String { "kernels that keep y g for the sum" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    let products = zip(lane.first, lane.upstream).map { $0 * $1 }
    let dot = sum(products, summation)
    return zip(products, lane.first).map { $0 - $1 * dot }
  }
}

/// g - p sum g, p the exponential of the log-softmax.
enum LogSoftmaxVJPOfLogarithms: DerivedAlgorithm {
  static var operation: AuditedOperation { .logSoftmaxVJP }
  static var name: String { "exp-of-log" }
  static var formula: String { "g - exp(l) sum g, l the log-softmax" }
  static var source: String { "PyTorch's _log_softmax_backward_data" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    let total = sum(lane.upstream, summation)
    return zip(lane.upstream, logSoftmax(lane.first, summation)).map {
      $0 - C.exp($1) * total
    }
  }
}

/// g - p sum g.
enum LogSoftmaxVJPOfProbabilities: DerivedAlgorithm {
  static var operation: AuditedOperation { .logSoftmaxVJP }
  static var name: String { "of-probabilities" }
  static var formula: String { "g - p sum g, p = exp(x - m) / s" }
  static var source: String { "hand-written gradients" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    let total = sum(lane.upstream, summation)
    return zip(lane.upstream, softmax(lane.first, summation)).map { $0 - $1 * total }
  }
}

/// diag(p) - p p^T.
enum OuterProductJacobian: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxJacobian }
  static var name: String { "outer" }
  static var formula: String { "diag(p) - p p^T" }
  static var source: String { "tutorials: np.diagflat(s) - np.dot(s, s.T)" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    let p = softmax(lane.first, summation)
    return p.indices.flatMap { i in
      p.indices.map { j in i == j ? p[i] - p[i] * p[i] : -(p[i] * p[j]) }
    }
  }
}

/// p_i ([i = j] - p_j), entry by entry.
enum LoopedJacobian: DerivedAlgorithm {
  static var operation: AuditedOperation { .softmaxJacobian }
  static var name: String { "looped" }
  static var formula: String { "p_i ([i = j] - p_j)" }
  static var source: String { "tutorials: two loops with an if" }

  static func outputs<C: BinaryFloat>(
    _ lane: LaneInputs<C>, _ summation: Summation, store: (C) -> C
  ) -> [C] {
    let p = softmax(lane.first, summation)
    return p.indices.flatMap { i in
      p.indices.map { j in p[i] * ((i == j ? .one : .zero) - p[j]) }
    }
  }
}
