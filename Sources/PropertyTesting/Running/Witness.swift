/// The place of a case in a run.
package struct CaseOrigin: Hashable, Sendable {
  package let phase: Phase
  /// The number of the case within its phase.
  package let number: Int

  package init(phase: Phase, number: Int) {
    self.phase = phase
    self.number = number
  }
}

/// A case worth showing: a failure, or the highest score.
package struct Witness<Value: Sendable>: Sendable {
  package let value: Value
  /// The choices that make the value again; nil where the value was given, not generated.
  package let choices: [ChoiceValue]?
  /// The reason why the property failed; `nil` where it passed.
  package let reason: String?
  package let kind: String
  package let score: Double?
  package let labels: [String]
  package let origin: CaseOrigin

  /// The text from which the case can be replayed.
  package var token: String? { choices.map { ReplayToken.encode($0) } }

  init?(_ run: CaseRun<Value>, origin: CaseOrigin) {
    guard let value = run.value else { return nil }
    self.value = value
    choices = run.isGenerated ? run.choices.map(\.value) : nil
    if case .failed(let reason, let kind) = run.outcome {
      self.reason = reason
      self.kind = kind
    } else {
      reason = nil
      kind = ""
    }
    score = run.observations.score
    labels = run.observations.labels
    self.origin = origin
  }
}
