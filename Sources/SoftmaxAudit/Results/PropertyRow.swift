/// The outcome of one law for one implementation and pair of formats.
public struct PropertyRow: Codable, Sendable, Equatable {
  public var implementation: String
  public var inputFormat: String
  public var outputFormat: String
  public var operation: String
  public var law: String
  /// The law in one sentence.
  public var statement: String
  public var grade: LawGrade
  public var verdict: LawVerdict
  /// Why the verdict is what it is; nil for a plain pass.
  public var reason: String?
  /// The cases that were checked.
  public var cases: UInt64
  /// How far outputs may be off, and why.
  public var tolerance: String
  /// The simplest failing case.
  public var counterexample: Counterexample?
  /// The case with the largest error relative to what is tolerated.
  public var worst: Counterexample?
  /// The last calls before a failure that does not come back without them, the latest last.
  public var callLog: [String]?

  /// One failing case, whole: everything it takes to see the failure again.
  public struct Counterexample: Codable, Sendable, Equatable {
    /// The logits, row-major, in hexadecimal.
    public var logits: [String]
    public var shape: [Int]
    public var axis: Int
    /// What came back, in hexadecimal; empty where nothing did.
    public var computed: [String]
    /// What would have been right, in decimal; empty where the law compares outputs with one another.
    public var expected: [String]
    /// The change that the law makes to the case, in the law's own words; nil where it makes none.
    public var change: String?
    /// What came back after the change, in hexadecimal.
    public var computedAfterChange: [String]?
    /// What is wrong, in one sentence.
    public var failure: String
    /// The error in units of what is tolerated, where the law measures one.
    public var severity: Figure?
    /// The places of logits that may have any value: the law is broken all the same.
    public var irrelevant: [Int]
    /// A hash of the logits, shape and axis, by which long witnesses can be told apart.
    public var digest: String
    /// The command that shows the failure again, with one case.
    public var replay: String
  }
}

/// How strictly a law is judged.
public enum LawGrade: String, Codable, Sendable, Hashable, CaseIterable {
  /// Every softmax must keep it.
  case required
  /// A softmax must keep it bit for bit, unless somebody waives it with a reason.
  case consistency
  /// Kept bit for bit where the implementation promises it, else within its own tolerance.
  case promised
  /// Worth knowing; never a failure.
  case informative
}

/// What became of a law.
public enum LawVerdict: String, Codable, Sendable, Hashable, CaseIterable {
  case passed
  case failed
  /// Failed, and somebody said why that is acceptable.
  case waived
  case notMeasured
  case undecided
}
