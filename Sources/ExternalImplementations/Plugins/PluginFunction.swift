import AuditedOperations
import CForeignCalls

/// A function of a plug-in, called as its operation is.
struct PluginFunction {
  private typealias OfOneInput =
    @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int) -> Int32
  private typealias OfTwoInputs =
    @convention(c) (
      UnsafeRawPointer?, UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int
    ) -> Int32
  private typealias OfLoss =
    @convention(c) (
      UnsafeRawPointer?, UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int,
      UnsafeRawPointer?
    ) -> Int32

  private typealias WithModifiers =
    @convention(c) (
      UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int, UnsafeRawPointer?
    ) -> Int32

  private typealias OfAttention =
    @convention(c) (
      UnsafeRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, UnsafeMutableRawPointer?,
      UnsafeMutableRawPointer?, UnsafeRawPointer?
    ) -> Int32

  private let symbol: UnsafeMutableRawPointer
  private let operation: AuditedOperation

  /// - Parameter symbol: A function with the C interface of the operation.
  init(_ symbol: UnsafeMutableRawPointer, of operation: AuditedOperation) {
    self.symbol = symbol
    self.operation = operation
  }

  /// Calls it; pointers to what has no elements are null.
  ///
  /// - Returns: Its status.
  func call(
    _ first: UnsafeRawPointer?, _ second: UnsafeRawPointer?, _ output: UnsafeMutableRawPointer?,
    _ geometry: LaneGeometry, _ accompanying: AccompanyingBytes?, third: UnsafeRawPointer?
  ) -> Int32 {
    let (outer, length, inner) = (geometry.outer, geometry.length, geometry.inner)
    if let modifiers = accompanying?.modifiers {
      var parameters = softmax_audit_modifiers(
        size: MemoryLayout<softmax_audit_modifiers>.size, scale: modifiers.scale,
        softcap: modifiers.softcap, causal: modifiers.causal,
        mask: modifiers.mask == nil ? nil : second, sink: modifiers.sink == nil ? nil : third,
        queries: Int(clamping: modifiers.queries))
      return withUnsafePointer(to: &parameters) {
        unsafeBitCast(symbol, to: WithModifiers.self)(first, output, outer, length, inner, $0)
      }
    }
    guard operation.hasAccompanyingInputs else {
      return unsafeBitCast(symbol, to: OfOneInput.self)(first, output, outer, length, inner)
    }
    guard let loss = accompanying?.loss else {
      return unsafeBitCast(symbol, to: OfTwoInputs.self)(
        first, second, output, outer, length, inner)
    }
    var parameters = softmax_audit_cross_entropy(
      size: MemoryLayout<softmax_audit_cross_entropy>.size, label_smoothing: loss.labelSmoothing,
      ignore_index: loss.ignoreIndex,
      class_weights: loss.classWeights == nil ? nil : third)
    return withUnsafePointer(to: &parameters) {
      unsafeBitCast(symbol, to: OfLoss.self)(first, second, output, outer, length, inner, $0)
    }
  }

  /// Calls it as an attention; pointers to what has no elements are null.
  ///
  /// - Parameter inputs: Queries, keys, values, mask and sinks, nil for a mask or sinks that are
  ///   not given.
  /// - Returns: Its status.
  func call(
    _ inputs: [UnsafeRawPointer?], _ output: UnsafeMutableRawPointer?,
    _ logSumExp: UnsafeMutableRawPointer?, _ attention: AttentionBytes
  ) -> Int32 {
    let sizes = attention.sizes
    var parameters = softmax_audit_attention(
      size: MemoryLayout<softmax_audit_attention>.size, batch: sizes.batch, heads: sizes.heads,
      kv_heads: sizes.keyHeads, queries: sizes.queries, keys: sizes.keys,
      head_dim: sizes.dimension, value_dim: sizes.valueDimension, scale: attention.scale,
      softcap: attention.softcap, causal: attention.causal, mask: inputs[3], sinks: inputs[4])
    return withUnsafePointer(to: &parameters) {
      unsafeBitCast(symbol, to: OfAttention.self)(
        inputs[0], inputs[1], inputs[2], output, logSumExp, $0)
    }
  }
}
