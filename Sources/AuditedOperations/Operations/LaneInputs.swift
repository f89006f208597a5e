import FloatFormats

/// The inputs of an operation on one lane, in the order of its elements.
public struct LaneInputs<Element: BinaryFloat>: Sendable {
  /// The logits, or the stored probabilities.
  public var first: [Element]
  /// The derivatives by the outputs; empty for an operation that takes none.
  public var upstream: [Element]
  /// The class of the lane; `nil` for the ignored one, and for an operation that takes none.
  public var target: Int?
  /// The weights of the classes; `nil` where all are 1.
  public var classWeights: [Element]?
  /// The share of a loss that is spread evenly over the classes.
  public var labelSmoothing: Double
  /// The modifiers of the logits of a softmax and its logarithms.
  public var modifiers: LaneModifiers

  @inlinable
  public init(
    _ first: [Element], upstream: [Element] = [], target: Int? = nil,
    classWeights: [Element]? = nil, labelSmoothing: Double = 0, modifiers: LaneModifiers = .none
  ) {
    self.first = first
    self.upstream = upstream
    self.target = target
    self.classWeights = classWeights
    self.labelSmoothing = labelSmoothing
    self.modifiers = modifiers
  }

  /// The number of elements.
  public var count: Int { first.count }

  /// The same inputs in another format.
  @inlinable
  package func map<Other: BinaryFloat>(_ transform: (Element) -> Other) -> LaneInputs<Other> {
    LaneInputs<Other>(
      first.map(transform), upstream: upstream.map(transform), target: target,
      classWeights: classWeights.map { $0.map(transform) }, labelSmoothing: labelSmoothing,
      modifiers: modifiers)
  }

  /// The weight of a class.
  public func weight(_ index: Int) -> Element { classWeights?[index] ?? .one }
}

extension OperationInputs {
  /// The inputs of a lane.
  @inlinable
  @_specialize(where F == Float16)
  @_specialize(where F == BFloat16)
  @_specialize(where F == Float)
  @_specialize(where F == Double)
  public func lane(_ number: Int) -> LaneInputs<F> {
    let target = targets.map { $0[number] }
    return LaneInputs(
      first.lane(number), upstream: upstream(ofLane: number),
      target: target.flatMap { $0 == parameters.ignoreIndex ? nil : Int($0) },
      classWeights: parameters.classWeights.map { $0.map { F(rounding: $0) } },
      labelSmoothing: parameters.labelSmoothing,
      modifiers: modifiers.lane(number, of: first.geometry))
  }
}
