import AuditedOperations

/// The standard by which the laws of results were checked, as far as it was said.
package struct LawJudging: Codable, Sendable, Equatable {
  /// The effort, which scales the number of cases.
  package var effort: Figure
  /// The model named in place of what implementations declare: that of a built-in variant, or
  /// `none`.
  package var declare: String?
  /// The policy for results below the normal range; nil leaves it to each implementation.
  package var underflow: UnderflowPolicy?
  /// The policy for lanes that have no softmax; nil leaves it to each implementation.
  package var specialLanes: String?
  /// The largest magnitude of a finite logit that was asked about; nil for any.
  package var largestLogit: Figure?

  package init(
    effort: Double, declare: String? = nil, underflow: UnderflowPolicy? = nil,
    specialLanes: String? = nil, largestLogit: Double? = nil
  ) {
    self.effort = Figure(effort)
    self.declare = declare
    self.underflow = underflow
    self.specialLanes = specialLanes
    self.largestLogit = largestLogit.map { Figure($0) }
  }
}
