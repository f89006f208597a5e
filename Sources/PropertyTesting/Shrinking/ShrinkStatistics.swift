/// The cost and the gain of shrinking a case.
public struct ShrinkStatistics: Hashable, Sendable {
  public enum End: Hashable, Sendable {
    /// No pass finds anything simpler.
    case minimal
    case outOfCalls
    case outOfWork
  }

  public internal(set) var calls = 0
  /// The work of these calls, in the unit of the property.
  public internal(set) var work = 0
  public internal(set) var improvements = 0
  public internal(set) var end = End.minimal
}
