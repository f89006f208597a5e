/// A change of the logits before a softmax, its logarithm or a logsumexp.
public enum ModifierKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// A factor.
  case scale
  /// A bound that logits approach: k tanh(z / k).
  case softcap
  /// Numbers that are added; -inf hides an element.
  case mask
  /// Hides the keys that a query must not see.
  case causal
  /// One more logit without an output.
  case sink
}

/// The keys that a query sees where there are not as many of them as queries.
public enum CausalAlignment: String, Sendable, Hashable, Codable, CaseIterable {
  /// Query i sees keys up to i: PyTorch's `is_causal`, and JAX.
  case topLeft = "top-left"
  /// The last query sees all keys: FlashAttention since version 2.1.
  case bottomRight = "bottom-right"

  /// The number of first keys that a query sees.
  ///
  /// - Parameters:
  ///   - query: From 0 to queries - 1.
  ///   - queries: How many queries there are.
  ///   - keys: How many keys there are.
  public func seenKeys(of query: Int, queries: Int, keys: Int) -> Int {
    let seen = query + 1 + (self == .bottomRight ? keys - queries : 0)
    return min(max(seen, 0), keys)
  }
}

extension AuditedOperation {
  /// Whether its logits may have modifiers.
  public var takesModifiers: Bool { [.softmax, .logSoftmax, .logSumExp].contains(self) }

  /// Whether it has modifiers of logits, or of scores as an attention.
  package var hasModifiers: Bool { takesModifiers || self == .attention }
}
