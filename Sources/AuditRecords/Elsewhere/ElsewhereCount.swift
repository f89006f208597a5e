/// The number of outputs of a cell that a tolerance in use elsewhere would have rejected.
public struct ElsewhereCount: Codable, Sendable, Equatable {
  /// The name of the tolerance; see ``ToleranceInUse/all``.
  public var tolerance: String
  /// The outputs judged: those of lanes that have a softmax.
  public var judged: UInt64
  /// Those whose distance from the exact value exceeds the tolerance, and those that are not
  /// finite.
  public var rejected: UInt64
  /// Those that the oracle left open at its precision cap.
  public var undecided: UInt64

  public init(tolerance: String, judged: UInt64, rejected: UInt64, undecided: UInt64) {
    self.tolerance = tolerance
    self.judged = judged
    self.rejected = rejected
    self.undecided = undecided
  }
}
