/// The outputs of the special lanes of a cell: a kind of lane, a kind of output, and how many
/// lanes.
package struct SpecialOutput: Codable, Sendable, Equatable {
  /// The reason why a lane has no softmax.
  package enum Lane: String, Codable, Sendable, Hashable, CaseIterable {
    /// At least one logit is NaN.
    case nan
    /// No NaN, and at least one logit is +inf.
    case infinity
    /// Every logit is -inf.
    case onlyNegativeInfinity
  }

  /// The kind of outputs that an implementation gave for it.
  package enum Answer: String, Codable, Sendable, Hashable, CaseIterable {
    case nanEverywhere
    case nanSomewhere
    case zeros
    /// The same number below 1 everywhere, not 0.
    case uniform
    /// 1 at one place, 0 at all others.
    case oneHot
    case other
  }

  package var lane: Lane
  package var answer: Answer
  package var lanes: UInt64

  package init(lane: Lane, answer: Answer, lanes: UInt64) {
    self.lane = lane
    self.answer = answer
    self.lanes = lanes
  }
}
