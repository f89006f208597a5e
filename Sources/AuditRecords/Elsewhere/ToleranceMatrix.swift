import FloatFormats

/// The faulty softmaxes that each tolerance in use elsewhere lets through, and the sound ones that
/// it rejects.
public struct ToleranceMatrix: Sendable, Equatable, Codable {
  /// The names of the tolerances, in their order.
  public var tolerances: [String]
  public var faulty: [Entry]
  public var sound: [Entry]

  public init(tolerances: [String], faulty: [Entry], sound: [Entry]) {
    self.tolerances = tolerances
    self.faulty = faulty
    self.sound = sound
  }

  /// One softmax in one format.
  public struct Entry: Sendable, Equatable, Codable {
    public var implementation: String
    public var format: FloatFormat
    /// The code of the class of its fault; `nil` for a sound one.
    public var bugClass: String?
    /// For each tolerance its answer; `nil` for one that is not used for the format.
    public var answers: [Answer?]
    /// The answer of an audit, which judges by the default tolerance or by the declared bound.
    public var ofAudit: Answer

    public init(
      implementation: String, format: FloatFormat, bugClass: String?, answers: [Answer?],
      ofAudit: Answer
    ) {
      self.implementation = implementation
      self.format = format
      self.bugClass = bugClass
      self.answers = answers
      self.ofAudit = ofAudit
    }
  }

  /// The lanes on which an output is rejected.
  public enum Answer: String, Sendable, Codable, CaseIterable {
    /// On normal logits, as tests draw them.
    case onNormalLogits
    /// On the other families of an audit alone.
    case onOtherFamilies
    /// Nowhere: every output is accepted.
    case nowhere
  }
}
