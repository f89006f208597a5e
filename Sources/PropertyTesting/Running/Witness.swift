/// The place of a case in a run.
public struct CaseOrigin: Hashable, Sendable {
  public let phase: Phase
  /// The number of the case within its phase.
  public let number: Int

  public init(phase: Phase, number: Int) {
    self.phase = phase
    self.number = number
  }
}

/// A case worth showing: a failure, or the highest score.
public struct Witness<Value: Sendable>: Sendable {
  public let value: Value
  /// The choices that make the value again; nil where the value was given, not generated.
  public let choices: [ChoiceValue]?
  /// The reason why the property failed; `nil` where it passed.
  public let reason: String?
  public let kind: String
  public let score: Double?
  public let labels: [String]
  public let origin: CaseOrigin

  /// The text from which the case can be replayed.
  public var token: String? { choices.map { ReplayToken.encode($0) } }

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
