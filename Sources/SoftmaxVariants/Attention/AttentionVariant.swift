import AuditedOperations
import Basics
import FloatFormats

/// A built-in attention: the order in which keys are taken, the base of the exponentials, and the
/// format that weights are rounded to before the second product.
///
/// Its name is `attention/order[/exp2][/p-format]`. It computes in float32, where inputs or outputs
/// have 64 bits in float64.
package struct AttentionVariant: Sendable, Hashable {
  /// The order in which keys are taken.
  package enum Order: Sendable, Hashable {
    /// All scores before the first exponential.
    case materialized
    /// Blocks of so many keys, sums rescaled wherever the maximum grows.
    case online(Int)
    /// The same from the last block to the first.
    case backwards(Int)
    /// So many parts, each online, merged by their sums.
    case split(Int)

    fileprivate var name: String {
      switch self {
      case .materialized: "materialized"
      case .online(let block): "online-\(block)"
      case .backwards(let block): "backwards-\(block)"
      case .split(let parts): "split-\(parts)"
      }
    }
  }

  /// The base of the exponentials.
  package enum Base: Sendable, Hashable {
    case e
    case two
  }

  package let order: Order
  package let base: Base
  /// The format of weights in the second product; `nil` for that of the computation.
  package let weights: FloatFormat?
  /// Whether sums are rescaled only where the maximum grows by more than 2^8.
  package let isDeferred: Bool

  init(
    _ order: Order, _ base: Base = .e, weights: FloatFormat? = nil, isDeferred: Bool = false
  ) {
    self.order = order
    self.base = base
    self.weights = weights
    self.isDeferred = isDeferred
  }

  /// The variants, each within the tolerance of an attention that declares nothing.
  package static let all: [AttentionVariant] = [
    AttentionVariant(.materialized), AttentionVariant(.materialized, .two),
    AttentionVariant(.materialized, weights: .bfloat16),
    AttentionVariant(.materialized, weights: .float16),
    AttentionVariant(.online(64)), AttentionVariant(.online(64), .two),
    AttentionVariant(.online(64), .two, weights: .bfloat16),
    AttentionVariant(.online(64), .two, weights: .float16), AttentionVariant(.online(16)),
    AttentionVariant(.backwards(64), .two),
    AttentionVariant(.backwards(64), .two, weights: .bfloat16, isDeferred: true),
    AttentionVariant(.split(2)), AttentionVariant(.split(4), .two),
  ]

  package var name: String {
    [
      "attention", order.name, base == .two ? "exp2" : nil, isDeferred ? "deferred" : nil,
      weights.map { "p-\($0.rawValue)" },
    ].compactMap { $0 }.joined(separator: "/")
  }

  /// The name of the order.
  package var algorithmName: String { "attention/\(order.name)" }

  /// The formula, in one line.
  package var formula: String {
    switch order {
    case .materialized: "z = c q k; p = exp(z - max z); sum p v / sum p"
    case .online(let block):
      "blocks of \(block) keys: l = l exp(m - m') + sum p, o = o exp(m - m') + sum p v; o / l"
    case .backwards(let block): "the same in blocks of \(block) keys, the last one first"
    case .split(let parts): "\(parts) parts of the keys, each online, merged by maximum and sum"
    }
  }

  /// The place where the form is in use.
  package var source: String {
    switch order {
    case .materialized: "PyTorch's and JAX's plain attention, computed in float32"
    case .online: "Dao 2023, FlashAttention-2, arXiv 2307.08691"
    case .backwards:
      "Shah et al. 2024, FlashAttention-3, arXiv 2407.08608; deferred rescaling of FlashAttention-4"
    case .split: "split keys of FlashAttention's decoding kernels"
    }
  }

  /// The formats of queries, keys and values: weights are rounded to none but that of the values.
  package var formats: [FloatFormat] { weights.map { [$0] } ?? FloatFormat.allCases }

  /// The steps in a computing format.
  package func steps<C: BinaryFloat>(in format: C.Type) -> AttentionSteps<C> {
    var steps = AttentionSteps<C>(order, base)
    if let weights { steps.weight = { C(rounding: weights.rounded($0.exactDouble)) } }
    if isDeferred { steps.deferral = 8 }
    return steps
  }
}
