import AuditedOperations

/// The stages of a softmax that make the error of one output.
package struct StageBlame: Codable, Sendable, Equatable {
  /// The variant whose stages were followed.
  package var model: String
  /// Whether the implementation is that variant; otherwise it is taken for one, and its own stages
  /// are not known.
  package var isOwn: Bool
  /// The error of the variant's output in ULP, signed.
  package var ulp: Figure
  /// The stages in the order of the computation; empty where one overflowed.
  package var stages: [Share]
  /// The stage that overflowed: what follows it has no error that could be divided up.
  package var overflow: Stage?

  /// The part of one stage.
  package struct Share: Codable, Sendable, Equatable {
    package var stage: Stage
    /// The error in ULP, signed, had this stage alone been exact.
    package var ulpIfExact: Figure

    package init(stage: Stage, ulpIfExact: Figure) {
      self.stage = stage
      self.ulpIfExact = ulpIfExact
    }
  }

  package init(
    model: String, isOwn: Bool, ulp: Figure, stages: [Share], overflow: Stage? = nil
  ) {
    self.model = model
    self.isOwn = isOwn
    self.ulp = ulp
    self.stages = stages
    self.overflow = overflow
  }

  /// The part of each stage in the error, in ULP, signed: the largest first.
  ///
  /// The parts add up to the error but for products of errors.
  package var parts: [(stage: Stage, ulp: Double)] {
    stages.map { ($0.stage, ulp.value - $0.ulpIfExact.value) }
      .enumerated()
      .sorted {
        let (a, b) = (abs($0.element.1), abs($1.element.1))
        return a == b ? $0.offset < $1.offset : a > b
      }
      .map(\.element)
  }
}
