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
  /// The observation, in one sentence: the place, the value before and after.
  public let explanation: String

  public init(_ kind: Kind, _ explanation: String) {
    self.kind = kind
    self.explanation = explanation
  }
}
