/// The findings of a run, as a plain value.
///
/// Rendering it is somebody else's work.
package struct RunReport<Value: Sendable>: Sendable {
  package enum Conclusion: Hashable, Sendable {
    /// All that was asked for was checked and held.
    case passed
    case failed
    /// A case failed once and not again: no pass, and no failure that could be shown.
    case nondeterministic
    /// The cases say too little about the property, see the health problems and the coverage.
    case inconclusive
  }

  package internal(set) var conclusion = Conclusion.passed
  /// The failure as it was found first.
  package internal(set) var found: Witness<Value>?
  /// The simplest failure of the kind of the first.
  package internal(set) var simplest: Witness<Value>?
  /// The failure with the highest score.
  package internal(set) var worst: Witness<Value>?
  /// The simplest failure that scores a good share of the worst, where the configuration asks for
  /// it.
  ///
  /// Shrinking drives a failure to the very limit of failing, so that the simplest one looks
  /// harmless: the threshold problem, as Hypothesis calls it.
  package internal(set) var severe: Witness<Value>?
  /// The case with the highest score, failing or not.
  package internal(set) var highest: Witness<Value>?
  /// The parts of the simplest failure that may be anything.
  package internal(set) var explanation: [IrrelevantChoices] = []

  package internal(set) var counts: [Phase: CaseCounts] = [:]
  /// The number of random cases that carry each label.
  package internal(set) var labels: [String: Int] = [:]
  package internal(set) var events: [String: Int] = [:]
  package internal(set) var coverage: [CoverageResult] = []
  package internal(set) var healthProblems: [HealthProblem] = []
  package internal(set) var shrinking: ShrinkStatistics?

  /// The counts of all phases up to `target` together.
  package var total: CaseCounts {
    counts.values.reduce(into: CaseCounts()) { $0.add($1) }
  }
}

/// The number of cases by their end.
package struct CaseCounts: Hashable, Sendable {
  package internal(set) var passed = 0
  package internal(set) var failed = 0
  package internal(set) var discarded = 0
  package internal(set) var overran = 0

  /// The cases that were checked.
  package var checked: Int { passed + failed }
  package var all: Int { checked + discarded + overran }

  mutating func add(_ other: CaseCounts) {
    passed += other.passed
    failed += other.failed
    discarded += other.discarded
    overran += other.overran
  }
}

/// Choices of the simplest failure that were varied together, and the property failed all the same.
package struct IrrelevantChoices: Hashable, Sendable {
  /// The label of the innermost span that holds them.
  package let label: String
  /// Their places in the choice sequence.
  package let positions: Range<Int>
}
