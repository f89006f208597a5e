import FloatFormats

/// The answer of an implementation to a tensor, and its conduct while it computed.
public struct SoftmaxAnswer<G: BinaryFloat>: Sendable {
  public var probabilities: Tensor<G>
  /// The misconduct of the implementation; empty for a good one.
  public var misconduct: [Misconduct]
  /// The time that the computation itself took, where the implementation measures it; nil where the
  /// caller has to.
  public var duration: Duration?

  /// The logsumexp of the rows of an attention, where the implementation gives it.
  package var logSumExp: LogSumExpOutput?

  public init(_ probabilities: Tensor<G>, misconduct: [Misconduct] = []) {
    self.probabilities = probabilities
    self.misconduct = misconduct
  }
}

/// The logsumexp of the rows of an attention, in their order.
package struct LogSumExpOutput: Sendable, Equatable {
  /// The format of the numbers.
  package var format: FloatFormat
  package var numbers: [Double]

  package init(_ format: FloatFormat, _ numbers: [Double]) {
    self.format = format
    self.numbers = numbers
  }
}
