import AuditedOperations
import FloatFormats

/// The exact softmax of one lane, element by element.
public protocol ExactLane {
  /// The lane as a sorted list of distinct logits.
  var logits: DistinctLogits { get }
  /// Why the lane has no softmax, if it has none.
  var special: SpecialLane? { get }
  /// The output format in which probabilities are located.
  var format: FloatFormat { get }
  /// The number of elements of the lane.
  var count: Int { get }
  /// The exact probability of an element of a lane that is not special.
  func probability(at index: Int) -> ExactProbability
  /// The exponent of the ulp of the largest probability of a lane that is not special nor empty.
  var topQuantumExponent: Int { get }
}

extension LaneReference: ExactLane {
  /// The exponent of the ulp of the largest probability, which is that of the first distinct logit.
  public var topQuantumExponent: Int { probabilities.first.map { Int($0.quantumExponent) } ?? 0 }
}
