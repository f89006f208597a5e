import AuditedOperations
import FloatFormats

/// The outcome of one law for one implementation and pair of formats.
public struct PropertyRow: ScopedRow, Codable, Sendable, Equatable {
  public var implementation: String
  public var inputFormat: FloatFormat
  public var outputFormat: FloatFormat
  public var operation: AuditedOperation
  /// The parameters that somebody asked for in the place of those that laws draw; `nil` for none.
  public var parameters: RowParameters?
  public var law: String
  /// The law in one sentence.
  public var statement: String
  public var grade: LawGrade
  public var verdict: LawVerdict
  /// The reason for the verdict; `nil` for a plain pass.
  public var reason: String?
  /// The cases that were checked.
  public var cases: UInt64
  /// The permitted error of outputs, and its reason.
  public var tolerance: String
  /// The simplest failing case.
  public var counterexample: Counterexample?
  /// The case with the largest error relative to what is tolerated.
  public var worst: Counterexample?
  /// The defects that usually break the law in that way, as a clause; `nil` where nothing failed.
  public var cause: String?
  /// The last calls before a failure that does not come back without them, the latest last.
  public var callLog: [String]?

  package init(
    implementation: String, inputFormat: FloatFormat, outputFormat: FloatFormat,
    operation: AuditedOperation, parameters: RowParameters? = nil, law: String,
    statement: String, grade: LawGrade, verdict: LawVerdict, reason: String? = nil, cases: UInt64,
    tolerance: String,
    counterexample: Counterexample? = nil, worst: Counterexample? = nil,
    cause: String? = nil, callLog: [String]? = nil
  ) {
    self.implementation = implementation
    self.inputFormat = inputFormat
    self.outputFormat = outputFormat
    self.operation = operation
    self.parameters = parameters
    self.law = law
    self.statement = statement
    self.grade = grade
    self.verdict = verdict
    self.reason = reason
    self.cases = cases
    self.tolerance = tolerance
    self.counterexample = counterexample
    self.worst = worst
    self.cause = cause
    self.callLog = callLog
  }

  /// One failing case, whole: everything it takes to see the failure again.
  public struct Counterexample: Codable, Sendable, Equatable {
    /// The logits, row-major, in hexadecimal.
    public var logits: [String]
    public var shape: [Int]
    public var axis: Int
    /// The outputs, in hexadecimal; empty where nothing came back.
    public var computed: [String]
    /// The right outputs, in decimal; empty where the law compares outputs with one another.
    public var expected: [String]
    /// The change that the law makes to the case, in the law's own words; nil where it makes none.
    public var change: String?
    /// The outputs after the change, in hexadecimal.
    public var computedAfterChange: [String]?
    /// The fault, in one sentence.
    public var failure: String
    /// The error in units of what is tolerated, where the law measures one.
    public var severity: Figure?
    /// The number of logits left out at the end of their list; nil for none.
    ///
    /// Lists of outputs are cut at the same number. The replay makes them again.
    public var elided: Int?
    /// The places of logits that may have any value: the law is broken all the same.
    public var irrelevant: [Int]
    /// A hash of the logits, shape and axis, by which long witnesses can be told apart.
    public var digest: String
    /// The command that shows the failure again, with one case.
    public var replay: String
    /// The inputs beside the logits; `nil` where the operation takes none.
    public var accompanying: WitnessInputs?

    /// The number of logits of the case, those left out included.
    package var elementCount: Int { logits.count + (elided ?? 0) }

    package init(
      logits: [String], shape: [Int], axis: Int, computed: [String], expected: [String],
      change: String? = nil, computedAfterChange: [String]? = nil, failure: String,
      severity: Figure? = nil, elided: Int? = nil, irrelevant: [Int], digest: String,
      accompanying: WitnessInputs? = nil, replay: String
    ) {
      self.logits = logits
      self.shape = shape
      self.axis = axis
      self.computed = computed
      self.expected = expected
      self.change = change
      self.computedAfterChange = computedAfterChange
      self.failure = failure
      self.severity = severity
      self.accompanying = accompanying
      self.elided = elided
      self.irrelevant = irrelevant
      self.digest = digest
      self.replay = replay
    }
  }
}

extension PropertyRow {
  /// The identity of a row within a run: a law on one implementation in one pair of formats.
  public struct Key: Sendable, Hashable {
    public var scope: RowScope
    public var law: String
  }

  public var key: Key { Key(scope: scope, law: law) }
}

/// The severity of a law's judgement.
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

/// The verdict on a law.
public enum LawVerdict: String, Codable, Sendable, Hashable, CaseIterable {
  case passed
  case failed
  /// Failed, and somebody said why that is acceptable.
  case waived
  case notMeasured
  case undecided
}
