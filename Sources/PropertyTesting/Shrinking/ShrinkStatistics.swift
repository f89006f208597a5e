/// The cost and the gain of shrinking a case.
package struct ShrinkStatistics: Hashable, Sendable {
  package enum End: Hashable, Sendable {
    /// No pass finds anything simpler.
    case minimal
    case outOfCalls
    case outOfWork
  }

  package internal(set) var calls = 0
  /// The work of these calls, in the unit of the property.
  package internal(set) var work = 0
  package internal(set) var improvements = 0
  package internal(set) var end = End.minimal
}
