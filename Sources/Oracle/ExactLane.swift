import AuditedOperations
import FloatFormats

/// The exact values of an operation on one lane, output by output.
package protocol ExactLane {
  /// The inputs as the arbiter sees them.
  var inputs: OperationLane { get }
  /// The operation whose values they are.
  ///
  /// It is asked for in every lane: it is not to be read off ``inputs``, which filters make, and
  /// sort, for the arbiter alone.
  var operation: AuditedOperation { get }
  /// The reason why the lane has no value, if it has none.
  var special: SpecialLane? { get }
  /// The output format in which values are located.
  var format: FloatFormat { get }
  /// The number of outputs.
  var count: Int { get }
  /// The exact value of an output of a lane that is not special.
  func value(at index: Int) -> ExactValue
  /// The slot of an output: outputs of one slot have the same exact value.
  ///
  /// Negative for the output of a logit of -inf.
  func slot(at index: Int) -> Int
  /// The exponent of the ulp of the largest value of a lane that is not special nor empty.
  var topQuantumExponent: Int { get }
  /// The yardstick of an output, good to 2^-40, where it is known without the arbiter.
  func approximateYardstick(at index: Int) -> Double?
}

extension ExactLane {
  package func approximateYardstick(at index: Int) -> Double? { nil }

  /// The lane as a sorted list of distinct logits.
  package var logits: DistinctLogits { inputs.logits }
}
