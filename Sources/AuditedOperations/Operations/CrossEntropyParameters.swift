/// The parameters of a cross-entropy and of its gradient, with the meanings of PyTorch's
/// `CrossEntropyLoss`.
public struct CrossEntropyParameters: Sendable, Hashable {
  /// The share e of the loss that is spread evenly over the classes, from 0 to 1.
  public var labelSmoothing: Double
  /// The target whose lanes have loss and gradient 0.
  public var ignoreIndex: Int64
  /// A weight for each class, finite and not negative; `nil` where all are 1.
  public var classWeights: [Double]?

  public init(
    labelSmoothing: Double = 0, ignoreIndex: Int64 = -100, classWeights: [Double]? = nil
  ) {
    self.labelSmoothing = labelSmoothing
    self.ignoreIndex = ignoreIndex
    self.classWeights = classWeights
  }

  /// The weight of a class.
  public func weight(_ index: Int) -> Double { classWeights?[index] ?? 1 }
}

/// The rule by which the losses of the lanes of a cross-entropy become its output.
public enum LossReduction: String, Sendable, Hashable, Codable, CaseIterable {
  /// Each lane has its own.
  case none
  /// Their sum, divided by that of the targets' weights over the lanes that are not ignored.
  case mean
  /// Their sum.
  case sum
}
