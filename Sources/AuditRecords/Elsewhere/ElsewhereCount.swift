/// The number of outputs of a cell that a tolerance in use elsewhere would have rejected.
package struct ElsewhereCount: Codable, Sendable, Equatable {
  /// The name of the tolerance; see ``ToleranceInUse/all``.
  package var tolerance: String
  /// The outputs judged: those of lanes that have a softmax.
  package var judged: UInt64
  /// Those whose distance from the exact value exceeds the tolerance, and those that are not
  /// finite.
  package var rejected: UInt64
  /// Those that the oracle left open at its precision cap.
  package var undecided: UInt64

  package init(tolerance: String, judged: UInt64, rejected: UInt64, undecided: UInt64) {
    self.tolerance = tolerance
    self.judged = judged
    self.rejected = rejected
    self.undecided = undecided
  }
}
