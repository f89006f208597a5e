import FloatFormats

/// The faulty softmaxes that each tolerance in use elsewhere lets through, and the sound ones that
/// it rejects.
package struct ToleranceMatrix: Sendable, Equatable, Codable {
  /// The names of the tolerances, in their order.
  package var tolerances: [String]
  package var faulty: [Entry]
  package var sound: [Entry]

  package init(tolerances: [String], faulty: [Entry], sound: [Entry]) {
    self.tolerances = tolerances
    self.faulty = faulty
    self.sound = sound
  }

  /// One softmax in one format.
  package struct Entry: Sendable, Equatable, Codable {
    package var implementation: String
    package var format: FloatFormat
    /// The code of the class of its fault; `nil` for a sound one.
    package var bugClass: String?
    /// For each tolerance its answer; `nil` for one that is not used for the format.
    package var answers: [Answer?]
    /// The answer of an audit, which judges by the default tolerance or by the declared bound.
    package var ofAudit: Answer

    package init(
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
  package enum Answer: String, Sendable, Codable, CaseIterable {
    /// On normal logits, as tests draw them.
    case onNormalLogits
    /// On the other families of an audit alone.
    case onOtherFamilies
    /// Nowhere: every output is accepted.
    case nowhere
  }
}
