/// The findings of a run, as a plain value.
///
/// Rendering it is somebody else's work.
public struct RunReport<Value: Sendable>: Sendable {
  public enum Conclusion: Hashable, Sendable {
    /// All that was asked for was checked and held.
    case passed
    case failed
    /// A case failed once and not again: no pass, and no failure that could be shown.
    case nondeterministic
    /// The cases say too little about the property, see the health problems and the coverage.
    case inconclusive
  }

  public internal(set) var conclusion = Conclusion.passed
  /// The failure as it was found first.
  public internal(set) var found: Witness<Value>?
  /// The simplest failure of the kind of the first.
  public internal(set) var simplest: Witness<Value>?
  /// The failure with the highest score.
  public internal(set) var worst: Witness<Value>?
  /// The simplest failure that scores a good share of the worst, where the configuration asks for
  /// it.
  ///
  /// Shrinking drives a failure to the very limit of failing, so that the simplest one looks
  /// harmless: the threshold problem, as Hypothesis calls it.
  public internal(set) var severe: Witness<Value>?
  /// The case with the highest score, failing or not.
  public internal(set) var highest: Witness<Value>?
  /// The parts of the simplest failure that may be anything.
  public internal(set) var explanation: [IrrelevantChoices] = []

  public internal(set) var counts: [Phase: CaseCounts] = [:]
  /// The number of random cases that carry each label.
  public internal(set) var labels: [String: Int] = [:]
  public internal(set) var events: [String: Int] = [:]
  public internal(set) var coverage: [CoverageResult] = []
  public internal(set) var healthProblems: [HealthProblem] = []
  public internal(set) var shrinking: ShrinkStatistics?

  /// The counts of all phases up to `target` together.
  public var total: CaseCounts {
    counts.values.reduce(into: CaseCounts()) { $0.add($1) }
  }
}

/// The number of cases by their end.
public struct CaseCounts: Hashable, Sendable {
  public internal(set) var passed = 0
  public internal(set) var failed = 0
  public internal(set) var discarded = 0
  public internal(set) var overran = 0

  /// The cases that were checked.
  public var checked: Int { passed + failed }
  public var all: Int { checked + discarded + overran }

  mutating func add(_ other: CaseCounts) {
    passed += other.passed
    failed += other.failed
    discarded += other.discarded
    overran += other.overran
  }
}

/// Choices of the simplest failure that were varied together, and the property failed all the same.
public struct IrrelevantChoices: Hashable, Sendable {
  /// The label of the innermost span that holds them.
  public let label: String
  /// Their places in the choice sequence.
  public let positions: Range<Int>
}
