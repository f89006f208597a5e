/// The outcome of a law on one case.
enum LawOutcome: Sendable {
  case kept
  case broken(Violation)
  /// Nothing can be said: the lane has no bound, or the implementation need not answer.
  case inapplicable(String)
}

/// A breach of a law.
struct Violation: Error, Sendable, Hashable {
  /// The breach, in one sentence with the figures.
  var sentence: String
  /// The sort of failure, to which shrinking keeps, so that a NaN does not turn into a small error
  /// on the way.
  var kind: String
  /// The error in units of what is tolerated, where there is such a measure.
  var severity: Double?
  /// The change that the law made to the case before it looked again; `nil` where it made none.
  var change: String?
  /// The outputs after the change.
  var changedOutputs: [Double]?
  /// The likely cause that the outputs themselves show; `nil` for none.
  var cause: Cause?

  /// A cause that outputs show, whatever the law.
  enum Cause: Sendable, Hashable {
    /// A zero stands in the place of a result below the normal range.
    case flushed
    /// An output is still what it was filled with before the call.
    case unwritten
    /// Every output of a lane is 0, whose exponentials or their sum may leave the format.
    case vanished
    /// Every output of a lane is 0, in which nothing can overflow or vanish.
    case leftOut
    /// A lane whose target is ignored has another loss or gradient than 0.
    case notIgnored
    /// The case fails after other calls alone.
    case history
  }

  init(
    _ sentence: String, kind: String, severity: Double? = nil, change: String? = nil,
    changedOutputs: [Double]? = nil, cause: Cause? = nil
  ) {
    self.sentence = sentence
    self.kind = kind
    self.severity = severity
    self.change = change
    self.changedOutputs = changedOutputs
    self.cause = cause
  }
}
