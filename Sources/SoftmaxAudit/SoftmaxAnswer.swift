import FloatFormats

/// What an implementation gave back for a tensor, and how it behaved while it computed.
public struct SoftmaxAnswer<G: BinaryFloat>: Sendable {
  public var probabilities: Tensor<G>
  /// What it did that no softmax may do; empty for a good one.
  public var misconduct: [Misconduct]
  /// The time that the computation itself took, where the implementation measures it; nil where the caller has to.
  public var duration: Duration?

  public init(_ probabilities: Tensor<G>, misconduct: [Misconduct] = []) {
    self.probabilities = probabilities
    self.misconduct = misconduct
  }
}

/// Something that an implementation did besides computing probabilities, and must not do.
public struct Misconduct: Error, Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The logits are no longer what they were.
    case inputModified
    /// Memory outside the output has changed.
    case wroteOutsideOutput
    /// Rounding mode or flush-to-zero are no longer what they were.
    case changedFloatingPointEnvironment
  }

  public let kind: Kind
  /// What was seen, in one sentence: where, what it was before and after.
  public let explanation: String

  public init(_ kind: Kind, _ explanation: String) {
    self.kind = kind
    self.explanation = explanation
  }
}

/// What an implementation's own host saw of it beyond calls with tensors: integers as input, the type of the output.
public struct Inspection: Sendable, Hashable, Codable {
  /// The name of what was looked at, in the style of laws.
  public var law: String
  public var passed: Bool
  /// What was seen, in one sentence.
  public var explanation: String

  public init(law: String, passed: Bool, explanation: String) {
    self.law = law
    self.passed = passed
    self.explanation = explanation
  }

  /// The law about input that is not floating-point.
  public static let integerInput = "integer-input"

  /// What hosts look at, with the law in one sentence.
  public static let statements = [
    "output-type": "The output has the format of the input, or one that contains it.",
    integerInput:
      "Integers and truth values as input give a right answer or a clear error, never rubbish.",
  ]
}

/// A call that brought no answer, for reasons of the implementation.
///
/// For lanes of one or more logits this is a falsified law, not an error of the run.
public struct CallFailure: Error, Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The process that computed has died.
    case crash
    /// There was no answer within the time limit.
    case hang
    /// The implementation said that it cannot.
    case refusal
    /// What came back is not a tensor of the promised shape and format.
    case rubbish
  }

  public let kind: Kind
  /// What happened, with the implementation's own words where it had any.
  public let explanation: String

  public init(_ kind: Kind, _ explanation: String) {
    self.kind = kind
    self.explanation = explanation
  }
}

/// How the elements of a tensor lie in memory when it is handed over.
public enum TensorLayout: String, Sendable, Hashable, Codable, CaseIterable {
  /// Slowest dimension first, no gaps, aligned to the element.
  case rowMajor
  /// Slowest dimension last, as Fortran has it.
  case columnMajor
  /// Every second element of a tensor with twice as many along each dimension.
  case sliced
  /// Along each dimension from the last element to the first, by negative strides.
  case reversed
  /// Row-major, starting at an address that is aligned to the element and to nothing more.
  case misaligned
  /// Row-major, in memory that cannot be written.
  case readOnly
}

/// What becomes of results below the normal range.
public enum UnderflowPolicy: String, Sendable, Hashable, Codable, CaseIterable {
  /// They are subnormal numbers, as IEEE 754 has it.
  case gradual
  /// They may become zero.
  case flush
}
