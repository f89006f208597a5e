import FloatFormats

/// The answer of an implementation to a tensor, and its conduct while it computed.
public struct SoftmaxAnswer<G: BinaryFloat>: Sendable {
  public var probabilities: Tensor<G>
  /// The misconduct of the implementation; empty for a good one.
  public var misconduct: [Misconduct]
  /// The time that the computation itself took, where the implementation measures it; nil where the
  /// caller has to.
  public var duration: Duration?

  public init(_ probabilities: Tensor<G>, misconduct: [Misconduct] = []) {
    self.probabilities = probabilities
    self.misconduct = misconduct
  }
}
