/// A stage of a run; they take place in the order of the cases.
package enum Phase: String, CaseIterable, Sendable {
  /// Failures that the store kept from earlier runs.
  case regressions
  /// The examples of the property, the simplest value, and values made of edges.
  case examples
  /// Values drawn at random.
  case random
  /// Values bred for high scores.
  case target
  /// The search for the simplest failure.
  case shrink
  /// The search for choices of the simplest failure that do not matter.
  case explain
}

/// The size of a run, and its parts.
///
/// All limits are counted in calls of the property or in its own measure of work, none in seconds:
/// what a run finds is the same on every machine.
package struct RunConfiguration: Sendable {
  package var seed: UInt64 = 0
  /// The number of random cases.
  package var cases = 100
  /// The number of cases made of edge values.
  package var edgeCases = 20
  /// The number of cases of the target phase, over all islands.
  package var targetCalls = 400
  /// The number of searches of the target phase that know nothing of each other.
  package var islands = 8
  package var shrinkCalls = 4000
  /// The work after which shrinking ends, in the unit of the property; nil for no end but that of
  /// the calls.
  package var shrinkWork: Int?
  package var explainCalls = 200
  /// The number of choices a case may take.
  package var choiceLimit = 16_384
  package var phases = Set(Phase.allCases)
  /// Whether the phases up to `target` are finished after a failure, to see how bad it gets.
  package var searchesForWorst = true
  /// The share of the worst score that the severe witness must keep; nil where none is wanted.
  package var severeShare: Double?
  /// Complaints that the caller does not want to hear.
  package var suppressed: Set<HealthProblem.Name> = []

  package init() {}

  package init(seed: UInt64, cases: Int = 100) {
    self.seed = seed
    self.cases = cases
  }
}
