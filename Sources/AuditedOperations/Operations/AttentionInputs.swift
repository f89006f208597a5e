import Basics
import FloatFormats

/// The inputs of a call of attention beside its queries, which are the first input.
public struct AttentionInputs<F: BinaryFloat>: Sendable {
  /// The sizes of queries, keys and values.
  package let shape: AttentionShape
  /// The keys, row-major.
  package var key: [F]
  /// The values, row-major.
  package var value: [F]
  package var modifiers: AttentionModifiers

  package init(
    _ shape: AttentionShape, key: [F], value: [F],
    modifiers: AttentionModifiers = AttentionModifiers()
  ) {
    precondition(key.count == shape.key.reduce(1, *), "one number for each place of the keys")
    precondition(value.count == shape.value.reduce(1, *), "one number for each place of values")
    self.shape = shape
    self.key = key
    self.value = value
    self.modifiers = modifiers
  }
}

extension OperationInputs {
  /// The inputs beside the queries, of a call that is one of attention.
  ///
  /// - Throws: ``InternalError`` for the inputs of another operation.
  package func ofAttention() throws(InternalError) -> AttentionInputs<F> {
    guard let attention else {
      throw InternalError("an attention was called without keys and values")
    }
    return attention
  }

  /// The inputs of an attention.
  ///
  /// - Parameter query: The queries, row-major.
  package init(query: [F], _ attention: AttentionInputs<F>) {
    self.init(
      Tensor(geometry: AttentionShape.rows(of: attention.shape.query), elements: query))
    self.attention = attention
  }
}
