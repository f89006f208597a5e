import FloatFormats

/// The inputs of a call: a tensor whose lanes an operation works on, and the inputs beside it.
public struct OperationInputs<F: BinaryFloat>: Sendable {
  /// The first input, logits or stored probabilities, with the axis.
  public var first: Tensor<F>
  /// The derivatives by the outputs, one for each element of the first input, row-major; `nil` for
  /// an operation that takes none.
  public var upstream: [F]?
  /// The class of each lane, in the order of the lanes; `nil` for an operation that takes none.
  public var targets: [Int64]?
  /// The parameters of a loss, and of its gradient; as PyTorch has them where nothing was said.
  public var parameters: CrossEntropyParameters
  /// The modifiers of the logits of a softmax and its logarithms.
  public var modifiers: LogitModifiers

  /// The keys, values and modifiers of an attention, whose first input is the queries; `nil` for
  /// another operation.
  package var attention: AttentionInputs<F>?

  public init(
    _ first: Tensor<F>, upstream: [F]? = nil, targets: [Int64]? = nil,
    parameters: CrossEntropyParameters = CrossEntropyParameters(),
    modifiers: LogitModifiers = .none
  ) {
    precondition(upstream.map { $0.count == first.elements.count } ?? true, "one for each element")
    precondition(targets.map { $0.count == first.geometry.laneCount } ?? true, "one for each lane")
    self.first = first
    self.upstream = upstream
    self.targets = targets
    self.parameters = parameters
    self.modifiers = modifiers
  }

  /// The derivatives that belong to a lane; empty where there are none.
  @inlinable
  public func upstream(ofLane number: Int) -> [F] {
    guard let upstream else { return [] }
    return first.geometry.places(ofLane: number).map { upstream[$0] }
  }
}
