import AuditRecords
import AuditedOperations
import Laws
import SoftmaxVariants

/// The questions of a policy about a cell or a scope, after the last rule has spoken.
extension Policy {
  /// One budget and the part of a cell's range that it is for.
  package struct Question: Sendable, Hashable {
    package var rule: Int
    package var figure: PolicyFigure
    /// Nil for both ranges, and for figures that are over one range anyway.
    package var regime: PolicyRegime?
    package var limit: PolicyRule.Budget.Limit
    /// Whether mismatches count that a declared domain excuses: a number is no statement about
    /// lanes without numbers.
    package var countsExcused = false
    /// The rule that expects the budget to be exceeded; nil where none does.
    package var expecting: Int?
  }

  /// The questions about a cell.
  package struct CellQuestions: Sendable, Hashable {
    package var questions: [Question] = []
    /// The rules that take something of the cell out.
    package var exclusions: Set<Int> = []

    /// Whether the cell has to be measured.
    package var needsMeasurement: Bool { !questions.isEmpty }
  }

  /// One law.
  package struct LawQuestion: Sendable, Hashable {
    package var law: String
    package var rule: Int
    /// Whether the law was chosen by name.
    package var isLiteral: Bool
    /// Whether it is known to fail.
    package var expectsFailure: Bool
  }

  /// The questions about a scope.
  package struct ScopeQuestions: Sendable, Hashable {
    package var laws: [LawQuestion] = []
    package var exclusion: Int?
  }

  /// A figure in a part of the range: what rules decide one by one.
  private struct Slot: Hashable {
    var figure: PolicyFigure
    var regime: PolicyRegime?

    static let all: [Slot] = PolicyFigure.named.flatMap { figure -> [Slot] in
      figure == .maxUlp
        ? PolicyRegime.allCases.map { Slot(figure: figure, regime: $0) } : [Slot(figure: figure)]
    }
  }

  /// The budgets that decide a cell, with one on mismatches wherever there is any.
  package func questions(for cell: PolicyCell) -> CellQuestions {
    var result = CellQuestions()
    let matching = rules.indices.filter { rules[$0].selector.matches(cell) }
    var last: Int?
    for slot in Slot.all {
      var decision: Question?
      var exclusion: Int?
      for index in matching {
        let rule = rules[index]
        // A rule about one range says nothing about the other, and the figures without a range are
        // over normal ones.
        if let own = rule.selector.regime, own != slot.regime ?? .normal { continue }
        if rule.isExclusion, decision != nil { (decision, exclusion) = (nil, index) }
        if let budget = rule.budgets.first(where: { $0.figure == slot.figure }) {
          decision = Question(
            rule: index, figure: slot.figure, regime: slot.regime, limit: budget.limit)
          exclusion = nil
        }
        if rule.expectedFailures.contains(where: { $0.name == slot.figure.rawValue }) {
          decision?.expecting = index
        }
      }
      if let exclusion { result.exclusions.insert(exclusion) }
      guard let decision else { continue }
      last = max(last ?? 0, decision.rule)
      if let other = result.questions.last, other.figure == decision.figure,
        other.rule == decision.rule, other.expecting == decision.expecting
      {
        result.questions[result.questions.count - 1].regime = nil
      } else {
        result.questions.append(decision)
      }
    }
    if let last {
      let expecting = matching.last {
        rules[$0].expectedFailures.contains { $0.name == PolicyFigure.mismatches.rawValue }
      }
      let isNumber = result.questions.contains { !$0.limit.isBound }
      result.questions.append(
        Question(
          rule: last, figure: .mismatches, regime: nil, limit: .number(0),
          countsExcused: isNumber, expecting: expecting))
    }
    return result
  }

  /// The laws that count in a scope, in the order of the list.
  package func questions(for scope: RowScope) -> ScopeQuestions {
    var result = ScopeQuestions()
    var chosen: [String: LawQuestion] = [:]
    for (index, rule) in rules.enumerated() where isAbout(rule, scope) {
      if rule.isExclusion, !chosen.isEmpty {
        chosen = [:]
        result.exclusion = index
      }
      if let laws = rule.laws {
        result.exclusion = nil
        chosen = Dictionary(
          laws.names.map { name in
            (
              name,
              LawQuestion(
                law: name, rule: index, isLiteral: laws.literal.contains(name),
                expectsFailure: false)
            )
          }, uniquingKeysWith: { first, _ in first })
      }
      for expected in rule.expectedFailures where PolicyFigure(rawValue: expected.name) == nil {
        chosen[expected.name] = LawQuestion(
          law: expected.name, rule: index, isLiteral: true, expectsFailure: true)
      }
    }
    result.laws = Law.policyNames.compactMap { chosen[$0] }.filter { question in
      // A choice by grade means the laws of the operation.
      question.isLiteral
        || Law.named(question.law)?.operations.contains(scope.operation) ?? true
    }
    return result
  }

  /// The settings that a cell is measured with.
  package func settings(for cell: PolicyCell) -> PolicySettings {
    rules.filter { $0.selector.matches(cell) && $0.selector.regime == nil }
      .reduce(defaults) { $0.overridden(by: $1.settings) }.resolved(in: cell.scope.operation)
  }

  /// The settings that laws are judged with in a scope.
  package func settings(for scope: RowScope) -> PolicySettings {
    written(for: scope).resolved(in: scope.operation)
  }

  /// The settings as the rules have them.
  private func written(for scope: RowScope) -> PolicySettings {
    rules.filter { isAbout($0, scope) }.reduce(defaults) { $0.overridden(by: $1.settings) }
  }

  /// A sentence where a model is declared for a scope that its operation does not have, or whose
  /// bounds do not fit the other settings; `nil` where none is.
  package func unfitModel(in scope: RowScope) -> String? {
    let settings = written(for: scope)
    guard let declared = settings.declare, case .declared = declared else { return nil }
    if case .declared(let model) = declared.resolved(in: scope.operation) {
      guard settings.underflow == .flush, !model.coversFlushing else { return nil }
      return
        "\(scope.subject): \(name) declares the model \(model.name) and underflow: flush, of which the bounds of \(scope.operation) know nothing"
    }
    return
      "\(scope.subject): \(name) declares the model \(declared.name), which \(scope.operation) does not have"
  }

  private func isAbout(_ rule: PolicyRule, _ scope: RowScope) -> Bool {
    !rule.selector.isAboutCells && rule.selector.regime == nil && rule.selector.matches(scope)
  }
}

extension Law {
  /// All that a policy can name: the laws, then what hosts look at by themselves.
  package static let policyNames: [String] = all.map(\.name) + Inspection.statements.keys.sorted()

  /// Those of them that do not apply to every implementation: they depend on what its host can do.
  private static let conditionalNames = Set([Law.layout.name] + Inspection.statements.keys)

  /// Whether something that a policy can name may not apply to an implementation in a run.
  static func mayNotApply(
    _ name: String, to implementation: String, in run: AuditResults?
  ) -> Bool {
    if conditionalNames.contains(name) { return true }
    let unwatched = run?.environment.implementations?[implementation]?[unwatchedKey]
    return unwatched?.split(separator: ", ").contains { $0 == name } == true
  }

  /// The grade of what a policy can name; what hosts look at is a matter of consistency.
  package static func grade(of name: String) -> LawGrade? {
    named(name)?.grade ?? (Inspection.statements[name] == nil ? nil : .consistency)
  }
}
