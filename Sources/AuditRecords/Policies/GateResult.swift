import AuditedOperations
import FloatFormats

/// The verdict of a gate: what a policy asked, what was measured, and what came of it.
public struct GateResult: Codable, Sendable, Equatable {
  /// The verdict of a gate.
  public enum Verdict: String, Codable, Sendable, Hashable {
    case passed
    case failed
    /// Nothing failed, but something that the policy asks for was not measured.
    case notMeasured
  }

  /// The name of the policy file.
  public var policy: String
  /// The SHA-256 of the policy; nil where its text is not known.
  public var policyDigest: String?
  /// The mistakes in the policy, because of which nothing was judged; nil where there are none.
  public var mistakes: [Mistake]?
  public var verdict: Verdict
  public var rules: [Rule]
  public var judgements: [Judgement]
  public var exclusions: [Exclusion]
  /// The demands of the policy that nothing answers, one sentence each.
  public var notMeasured: [String]
  /// The remarks that are no verdict, such as a baseline of another platform.
  public var notes: [String]

  package init(
    policy: String, policyDigest: String? = nil, mistakes: [Mistake]? = nil, verdict: Verdict,
    rules: [Rule], judgements: [Judgement], exclusions: [Exclusion], notMeasured: [String],
    notes: [String]
  ) {
    self.policy = policy
    self.policyDigest = policyDigest
    self.mistakes = mistakes
    self.verdict = verdict
    self.rules = rules
    self.judgements = judgements
    self.exclusions = exclusions
    self.notMeasured = notMeasured
    self.notes = notes
  }

  /// Something in the policy that is not as it should be.
  public struct Mistake: Codable, Sendable, Equatable {
    public var line: Int
    public var column: Int
    public var message: String

    package init(line: Int, column: Int, message: String) {
      self.line = line
      self.column = column
      self.message = message
    }
  }

  /// A rule of the policy.
  public struct Rule: Codable, Sendable, Equatable {
    public var line: Int
    public var column: Int
    /// The cells that it selects, in one line.
    public var selection: String
    public var reason: String

    package init(line: Int, column: Int, selection: String, reason: String) {
      self.line = line
      self.column = column
      self.selection = selection
      self.reason = reason
    }
  }

  /// One budget or law on one implementation in one pair of formats.
  public struct Judgement: ScopedRow, Codable, Sendable, Equatable {
    /// The number of the rule, from 0.
    public var rule: Int
    /// The place of the budget or law in the policy.
    public var line: Int
    public var column: Int
    public var implementation: String
    public var inputFormat: FloatFormat
    public var outputFormat: FloatFormat
    public var operation: AuditedOperation
    /// The key of a figure, `mismatches`, or the name of a law.
    public var subject: String
    public var isLaw: Bool
    /// The part of the range that counts; nil for all that the figure is over.
    public var regime: PolicyRegime?
    /// As the policy has it; for laws `kept`, or `broken` where failure is expected.
    public var budget: String
    /// The budget as a number: for `bound` the factor, of which `measured` is a part.
    public var limit: Figure?
    /// The worst figure of all cells.
    public var measured: Figure?
    /// The distance of the figure from the budget, as a part of the budget; negative where it is
    /// exceeded.
    public var margin: Figure?
    /// Cells measured, or cases of the law checked.
    public var count: UInt64
    /// Cells that have no such figure.
    public var withoutFigure: UInt64
    /// `waived` where a failure was expected and is there.
    public var verdict: LawVerdict
    /// The family and the length of the worst cell.
    public var family: String?
    public var length: Int?
    /// The fault, in one sentence; nil for a plain pass.
    public var message: String?
    /// The usual cause of such a failure.
    public var cause: String?
    /// The command that shows it again.
    public var replay: String?
    /// Faulty softmaxes whose errors show on these cells and stay within this budget; nil where
    /// none was tried.
    public var letsThrough: [String]?
    /// Those of them that nothing else in the policy catches: the budget is vacuous.
    public var uncaught: [String]?
    /// The faults that the budget sees; nil where none was tried.
    public var coverage: Coverage?

    /// The faulty softmaxes that a budget notices in place of the implementation, with the
    /// mismatches that count beside it.
    public struct Coverage: Codable, Sendable, Equatable {
      /// The number of faults tried.
      public var tried: UInt64
      /// The number of them that exceed the budget, or match nothing.
      public var caught: UInt64
      /// The longest lane that the budget is about.
      public var longestLane: Int

      public init(tried: UInt64, caught: UInt64, longestLane: Int) {
        self.tried = tried
        self.caught = caught
        self.longestLane = longestLane
      }

      /// Whether lanes are too short for faults of blocks, threads and indices, which kernels have
      /// beyond some hundreds of logits.
      public var isShort: Bool { longestLane < 1000 }
    }

    package init(
      rule: Int, line: Int, column: Int, implementation: String, inputFormat: FloatFormat,
      outputFormat: FloatFormat, operation: AuditedOperation, subject: String, isLaw: Bool,
      regime: PolicyRegime? = nil, budget: String, limit: Figure? = nil, measured: Figure? = nil,
      margin: Figure? = nil, count: UInt64, withoutFigure: UInt64, verdict: LawVerdict,
      family: String? = nil, length: Int? = nil, message: String? = nil, cause: String? = nil,
      replay: String? = nil, letsThrough: [String]? = nil, uncaught: [String]? = nil
    ) {
      self.rule = rule
      self.line = line
      self.column = column
      self.implementation = implementation
      self.inputFormat = inputFormat
      self.outputFormat = outputFormat
      self.operation = operation
      self.subject = subject
      self.isLaw = isLaw
      self.regime = regime
      self.budget = budget
      self.limit = limit
      self.measured = measured
      self.margin = margin
      self.count = count
      self.withoutFigure = withoutFigure
      self.verdict = verdict
      self.family = family
      self.length = length
      self.message = message
      self.cause = cause
      self.replay = replay
      self.letsThrough = letsThrough
      self.uncaught = uncaught
    }

    /// Whether the gate is red because of it.
    public var isFailure: Bool { verdict == .failed }
  }

  /// The cells and laws that a rule takes out.
  public struct Exclusion: Codable, Sendable, Equatable {
    public var rule: Int
    /// The cells that it takes something out of.
    public var cells: UInt64
    /// The implementations and formats whose laws it takes out.
    public var lawScopes: UInt64

    package init(rule: Int, cells: UInt64, lawScopes: UInt64) {
      self.rule = rule
      self.cells = cells
      self.lawScopes = lawScopes
    }
  }
}

extension GateResult {
  /// The verdict where nothing could be judged.
  ///
  /// - Parameters:
  ///   - policy: The name of the policy.
  ///   - mistakes: The mistakes of the policy.
  ///   - reasons: The reasons why nothing was measured, one sentence each.
  public init(policy: String, mistakes: [PolicyMistake], notMeasured reasons: [String]) {
    self.init(
      policy: policy, verdict: .notMeasured, rules: [], judgements: [], exclusions: [],
      notMeasured: reasons, notes: [])
    guard !mistakes.isEmpty else { return }
    self.mistakes = mistakes.sorted { $0.place < $1.place }.map {
      Mistake(line: $0.place.line, column: $0.place.column, message: $0.message)
    }
  }

  /// Turns budgets that let through what nothing else catches into failures.
  public mutating func failVacuousBudgets() {
    for index in judgements.indices {
      guard let uncaught = judgements[index].uncaught, !uncaught.isEmpty,
        judgements[index].verdict == .passed
      else { continue }
      judgements[index].verdict = .failed
      judgements[index].message =
        "the budget is vacuous: it would let through \(uncaught.joined(separator: ", "))"
      judgements[index].cause =
        "nothing else in the policy catches these faulty softmaxes; tighten the budget, or demand laws"
    }
    if judgements.contains(where: { $0.verdict == .failed }) { verdict = .failed }
  }
}

extension GateResult {
  /// Takes note of what was not measured.
  package mutating func add(notMeasured reasons: [String]) {
    notMeasured += reasons
    if !notMeasured.isEmpty, verdict == .passed { verdict = .notMeasured }
  }
}
