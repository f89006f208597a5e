import AuditedOperations
import FloatFormats

/// The verdict of a gate: what a policy asked, what was measured, and what came of it.
package struct GateResult: Codable, Sendable, Equatable {
  /// The verdict of a gate.
  package enum Verdict: String, Codable, Sendable, Hashable {
    case passed
    case failed
    /// Nothing failed, but something that the policy asks for was not measured.
    case notMeasured
  }

  /// The name of the policy file.
  package var policy: String
  /// The SHA-256 of the policy; nil where its text is not known.
  package var policyDigest: String?
  /// The mistakes in the policy, because of which nothing was judged; nil where there are none.
  package var mistakes: [Mistake]?
  package var verdict: Verdict
  package var rules: [Rule]
  package var judgements: [Judgement]
  package var exclusions: [Exclusion]
  /// The demands of the policy that nothing answers, one sentence each.
  package var notMeasured: [String]
  /// The remarks that are no verdict, such as a baseline of another platform.
  package var notes: [String]

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
  package struct Mistake: Codable, Sendable, Equatable {
    package var line: Int
    package var column: Int
    package var message: String

    package init(line: Int, column: Int, message: String) {
      self.line = line
      self.column = column
      self.message = message
    }
  }

  /// A rule of the policy.
  package struct Rule: Codable, Sendable, Equatable {
    package var line: Int
    package var column: Int
    /// The cells that it selects, in one line.
    package var selection: String
    package var reason: String

    package init(line: Int, column: Int, selection: String, reason: String) {
      self.line = line
      self.column = column
      self.selection = selection
      self.reason = reason
    }
  }

  /// One budget or law on one implementation in one pair of formats.
  package struct Judgement: ScopedRow, Codable, Sendable, Equatable {
    /// The number of the rule, from 0.
    package var rule: Int
    /// The place of the budget or law in the policy.
    package var line: Int
    package var column: Int
    package var implementation: String
    package var inputFormat: FloatFormat
    package var outputFormat: FloatFormat
    package var operation: AuditedOperation
    /// The parameters of the calls; nil for the usual ones.
    package var parameters: RowParameters?
    /// The key of a figure, `mismatches`, or the name of a law.
    package var subject: String
    package var isLaw: Bool
    /// The part of the range that counts; nil for all that the figure is over.
    package var regime: PolicyRegime?
    /// As the policy has it; for laws `kept`, or `broken` where failure is expected.
    package var budget: String
    /// The budget as a number: for `bound` the factor, of which `measured` is a part.
    package var limit: Figure?
    /// The worst figure of all cells.
    package var measured: Figure?
    /// The distance of the figure from the budget, as a part of the budget; negative where it is
    /// exceeded.
    package var margin: Figure?
    /// Cells measured, or cases of the law checked.
    package var count: UInt64
    /// Cells that have no such figure.
    package var withoutFigure: UInt64
    /// `waived` where a failure was expected and is there.
    package var verdict: LawVerdict
    /// The family and the length of the worst cell.
    package var family: String?
    package var length: Int?
    /// The fault, in one sentence; nil for a plain pass.
    package var message: String?
    /// The usual cause of such a failure.
    package var cause: String?
    /// The command that shows it again.
    package var replay: String?
    /// Faulty softmaxes whose errors show on these cells and stay within this budget; nil where
    /// none was tried.
    package var letsThrough: [String]?
    /// Those of them that nothing else in the policy catches: the budget is vacuous.
    package var uncaught: [String]?
    /// The faults that the budget sees; nil where none was tried.
    package var coverage: Coverage?

    /// The faulty softmaxes that a budget notices in place of the implementation, with the
    /// mismatches that count beside it.
    package struct Coverage: Codable, Sendable, Equatable {
      /// The number of faults tried.
      package var tried: UInt64
      /// The number of them that exceed the budget, or match nothing.
      package var caught: UInt64
      /// The longest lane that the budget is about.
      package var longestLane: Int

      package init(tried: UInt64, caught: UInt64, longestLane: Int) {
        self.tried = tried
        self.caught = caught
        self.longestLane = longestLane
      }

      /// Whether lanes are too short for faults of blocks, threads and indices, which kernels have
      /// beyond some hundreds of logits.
      package var isShort: Bool { longestLane < 1000 }
    }

    package init(
      rule: Int, line: Int, column: Int, implementation: String, inputFormat: FloatFormat,
      outputFormat: FloatFormat, operation: AuditedOperation,
      parameters: RowParameters? = nil, subject: String, isLaw: Bool, regime: PolicyRegime? = nil,
      budget: String, limit: Figure? = nil, measured: Figure? = nil,
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
      self.parameters = parameters
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
    package var isFailure: Bool { verdict == .failed }
  }

  /// The cells and laws that a rule takes out.
  package struct Exclusion: Codable, Sendable, Equatable {
    package var rule: Int
    /// The cells that it takes something out of.
    package var cells: UInt64
    /// The implementations and formats whose laws it takes out.
    package var lawScopes: UInt64

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
  package init(policy: String, mistakes: [PolicyMistake], notMeasured reasons: [String]) {
    self.init(
      policy: policy, verdict: .notMeasured, rules: [], judgements: [], exclusions: [],
      notMeasured: reasons, notes: [])
    guard !mistakes.isEmpty else { return }
    self.mistakes = mistakes.sorted { $0.place < $1.place }.map {
      Mistake(line: $0.place.line, column: $0.place.column, message: $0.message)
    }
  }

  /// Turns budgets that let through what nothing else catches into failures.
  package mutating func failVacuousBudgets() {
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
