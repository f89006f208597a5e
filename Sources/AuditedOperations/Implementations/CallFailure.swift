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
    /// An answer that is not a tensor of the promised shape and format.
    case rubbish
  }

  public let kind: Kind
  /// The event, with the implementation's own words where it had any.
  public let explanation: String

  public init(_ kind: Kind, _ explanation: String) {
    self.kind = kind
    self.explanation = explanation
  }
}
