import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Foundation

/// Turns a policy into a baseline, and moves the budgets of a baseline: down by measuring, up only
/// for a reason.
///
/// A baseline is a policy. Its budgets are what was measured, rounded to three digits on the safe
/// side, for each implementation and pair of formats by itself, and each says what it was measured
/// with.
package struct Baseline: Sendable {
  /// The program that measures now.
  package struct Origin: Sendable, Hashable {
    /// The program and its version.
    package var tool: String
    /// The operating system and the architecture.
    package var platform: String

    package init(tool: String, platform: String) {
      self.tool = tool
      self.platform = platform
    }
  }

  private let origin: Origin

  package init(origin: Origin) { self.origin = origin }

  // MARK: Writing

  /// The baseline that measured figures amount to, in the order of the policy, so that its last
  /// words stay the last.
  ///
  /// Laws, exclusions and settings are those of the policy. A budget that is expected to be
  /// exceeded stays as it is.
  package func policy(from policy: Policy, _ gate: GateResult) -> Policy {
    var result = policy
    result.rules = policy.rules.enumerated().flatMap { index, rule -> [PolicyRule] in
      var rest = rule
      rest.budgets = []
      let keepsRest = rest.judges || rest.isExclusion || !rest.settings.isEmpty
      let own = gate.judgements.filter { $0.rule == index && !$0.isLaw }
      var scopes: [RowScope] = []
      for scope in own.map(\.scope) where !scopes.contains(scope) {
        scopes.append(scope)
      }
      let budgets = scopes.compactMap { scope in
        budgetRule(rule, policy, scope, own.filter { $0.scope == scope })
      }
      // Expectations are about the budgets before them.
      return budgets + (keepsRest ? [rest] : [])
    }
    return result
  }

  /// The policy with budgets that nothing exceeds for further figures, in every rule that has
  /// budgets.
  ///
  /// They are there to be measured. A rule about the range below the normal one takes none: the
  /// figures are over normal exact values.
  package static func asking(_ policy: Policy, for figures: [PolicyFigure]) -> Policy {
    var result = policy
    for index in result.rules.indices
    where !result.rules[index].budgets.isEmpty && result.rules[index].selector.regime != .subnormal
    {
      for figure in figures
      where !result.rules[index].budgets.contains(where: { $0.figure == figure }) {
        result.rules[index].budgets.append(
          .init(figure, .number(figure.isFloor ? 0 : .infinity)))
      }
    }
    return result
  }

  /// The policy with every rule that has budgets written once for each family that it selects.
  ///
  /// What else a rule says, laws and settings among it, stays in a rule of its own in front.
  ///
  /// - Parameter families: Those that were measured.
  package static func byFamily(_ policy: Policy, families: [String]) -> Policy {
    var result = policy
    result.rules = policy.rules.flatMap { rule -> [PolicyRule] in
      let selected = families.filter(rule.selector.matches(family:))
      guard !rule.budgets.isEmpty, !selected.isEmpty else { return [rule] }
      var rest = rule
      rest.budgets = []
      rest.expectedFailures.removeAll { PolicyFigure(rawValue: $0.name) != nil }
      let keepsRest = rest.judges || rest.isExclusion || !rest.settings.isEmpty
      return (keepsRest ? [rest] : [])
        + selected.map { family in
          var own = rule
          own.selector.families = [family]
          (own.laws, own.isExclusion, own.settings) = (nil, false, PolicySettings())
          own.expectedFailures.removeAll { PolicyFigure(rawValue: $0.name) == nil }
          return own
        }
    }
    return result
  }

  private func budgetRule(
    _ rule: PolicyRule, _ policy: Policy, _ scope: RowScope,
    _ judgements: [GateResult.Judgement]
  ) -> PolicyRule? {
    var result = PolicyRule(selector: rule.selector, reason: rule.reason, place: rule.place)
    result.selector.implementations = [scope.implementation]
    result.selector.formats = [scope.input]
    result.selector.outputFormats = scope.output == scope.input ? [] : [scope.output]
    // One name stands for implementations of several operations.
    let isUnsaid =
      rule.selector.operations.isEmpty && scope.operation == .softmax
    result.selector.operations = isUnsaid ? [] : [scope.operation.name]
    var measured: [String: Double] = [:]
    for budget in rule.budgets {
      let own = judgements.filter { $0.subject == budget.figure.rawValue }
      let values = own.compactMap { $0.measured?.value }
      guard var worst = values.first else { continue }
      for value in values where budget.figure.isWorse(value, than: worst) { worst = value }
      // A share of nothing is kept by anything, and no budget.
      if budget.figure.isFloor, worst == 0 { continue }
      if own.contains(where: { $0.verdict == .waived }) {
        result.budgets.append(budget)
      } else {
        result.budgets.append(.init(budget.figure, Self.limit(worst, like: budget)))
        measured[budget.figure.rawValue] = worst
      }
    }
    guard !result.budgets.isEmpty else { return nil }
    result.provenance = provenance(measured, policy.settings(for: scope, of: rule))
    return result
  }

  private func provenance(
    _ measured: [String: Double], _ settings: PolicySettings
  ) -> PolicyRule.Provenance {
    .init(
      tool: origin.tool, platform: origin.platform,
      seed: settings.seed ?? RunSeed.standard, samples: settings.samples, measured: measured)
  }

  // MARK: Moving

  /// A budget that has moved.
  package struct Change: Sendable, Hashable {
    package var rule: Int
    package var figure: PolicyFigure
    package var before: PolicyRule.Budget.Limit
    package var after: PolicyRule.Budget.Limit
  }

  /// The baseline with every budget as low as what was measured; none gets higher.
  package func tightened(_ policy: Policy, _ gate: GateResult) -> (Policy, [Change]) {
    var (result, changes) = moved(policy, gate) { _, figure, judgement, limit in
      guard judgement.verdict == .passed, let measured = judgement.measured?.value else {
        return nil
      }
      let tighter = Self.limit(measured, like: .init(figure, limit))
      return figure.isWorse(limit.amount, than: tighter.amount) ? tighter : nil
    }
    for index in Set(changes.map(\.rule)) {
      // The reason for what was looser holds no more.
      result.rules[index].reason = Self.reasonBefore(policy.rules[index].reason)
    }
    return (result, changes)
  }

  /// The reason that a rule had before it was loosened; the reason itself where it was not.
  private static func reasonBefore(_ reason: String) -> String {
    reason.firstMatch(of: /\s\([a-z0-9-]+ was [^:]*: (.*)\)$/).map { String($0.1) } ?? reason
  }

  /// The baseline with the exceeded budgets that are selected as high as what was measured, for a
  /// reason.
  package func loosened(
    _ policy: Policy, _ gate: GateResult, _ selection: Selection, reason: String
  ) -> (Policy, [Change]) {
    var (result, changes) = moved(policy, gate) { _, figure, judgement, limit in
      guard judgement.verdict == .failed, selection.matches(judgement),
        let measured = judgement.measured?.value, measured.isFinite,
        !figure.isFloor || measured > 0
      else { return nil }
      let looser = Self.limit(measured, like: .init(figure, limit))
      return figure.isWorse(looser.amount, than: limit.amount) ? looser : nil
    }
    for (index, own) in Dictionary(grouping: changes, by: \.rule) {
      let before = own.map { "\($0.figure.rawValue) was \($0.before.text)" }
      // Of the history one step is told: reasons do not grow with every change.
      let last = policy.rules[index].reason.replacing(/\s\([a-z0-9-]+ was .*\)$/, with: "")
      result.rules[index].reason = "\(reason) (\(before.joined(separator: ", ")): \(last))"
    }
    changes.sort { ($0.rule, $0.figure.rawValue) < ($1.rule, $1.figure.rawValue) }
    return (result, changes)
  }

  private func moved(
    _ policy: Policy, _ gate: GateResult,
    _ limit: (PolicyRule, PolicyFigure, GateResult.Judgement, PolicyRule.Budget.Limit)
      -> PolicyRule.Budget.Limit?
  ) -> (Policy, [Change]) {
    var result = policy
    var changes: [Change] = []
    for (index, rule) in policy.rules.enumerated() {
      guard let before = rule.provenance else { continue }
      var measured = before.measured
      for (place, budget) in rule.budgets.enumerated() {
        let judgements = gate.judgements.filter {
          $0.rule == index && !$0.isLaw && $0.subject == budget.figure.rawValue
        }
        // A budget may stand over several judgements, of parts of the range: the loosest of what
        // they come to.
        let moved = judgements.compactMap { limit(rule, budget.figure, $0, budget.limit) }
        guard var after = moved.first else { continue }
        for other in moved where budget.figure.isWorse(other.amount, than: after.amount) {
          after = other
        }
        let isTighter = budget.figure.isWorse(budget.limit.amount, than: after.amount)
        if isTighter, moved.count < judgements.count { continue }
        result.rules[index].budgets[place].limit = after
        changes.append(
          .init(rule: index, figure: budget.figure, before: budget.limit, after: after))
        var worst: Double?
        for value in judgements.compactMap({ $0.measured?.value })
        where worst.map({ budget.figure.isWorse(value, than: $0) }) ?? true {
          worst = value
        }
        measured[budget.figure.rawValue] = worst
      }
      if changes.contains(where: { $0.rule == index }),
        let scope = gate.judgements.first(where: { $0.rule == index })
          .map(\.scope)
      {
        result.rules[index].provenance = provenance(
          measured, policy.settings(for: scope, of: rule))
      }
    }
    return (result, changes)
  }

  /// The budgets to be loosened.
  package struct Selection: Sendable, Hashable {
    private var patterns: [String: String]

    /// The keys of a selection.
    package static let keys = ["implementation", "format", "output-format", "operation", "figure"]

    /// A selection such as `implementation=mylib,figure=max-ulp`; nil where the text is none.
    package init?(_ text: String) {
      patterns = [:]
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, Self.keys.contains(String(sides[0])), !sides[1].isEmpty,
          patterns.updateValue(String(sides[1]), forKey: String(sides[0])) == nil
        else { return nil }
      }
    }

    func matches(_ judgement: GateResult.Judgement) -> Bool {
      patterns.allSatisfy { key, pattern in
        switch key {
        case "implementation": PolicySelector.names(pattern, judgement.implementation)
        case "format": Glob.matches(judgement.inputFormat.rawValue, pattern)
        case "operation": Glob.matches(judgement.operation.name, pattern)
        case "output-format": Glob.matches(judgement.outputFormat.rawValue, pattern)
        default: Glob.matches(judgement.subject, pattern)
        }
      }
    }
  }

  // MARK: Where it comes from

  /// Says of which other platforms and versions the numbers of a policy are; empty where it is no
  /// baseline, or one of here.
  package func remarks(on policy: Policy) -> [String] {
    let origins = policy.rules.compactMap(\.provenance)
    let platforms = Set(origins.map(\.platform)).subtracting([origin.platform]).sorted()
    let tools = Set(origins.map(\.tool)).subtracting([origin.tool]).sorted()
    var remarks: [String] = []
    if !platforms.isEmpty {
      remarks.append(
        "\(policy.name) is a baseline of \(platforms.joined(separator: " and ")), this is \(origin.platform): elementary functions differ, so figures may"
      )
    }
    if !tools.isEmpty {
      remarks.append(
        "\(policy.name) is a baseline of \(tools.joined(separator: " and ")), this is \(origin.tool)"
      )
    }
    return remarks
  }

  /// A measured figure as a budget: three digits, rounded so that the figure is within it.
  static func limit(
    _ measured: Double, like budget: PolicyRule.Budget
  ) -> PolicyRule.Budget.Limit {
    let rounded = rounded(measured, down: budget.figure.isFloor)
    return budget.limit.isBound ? .bound(rounded) : .number(rounded)
  }

  static func rounded(_ value: Double, down: Bool) -> Double {
    guard value != 0, value.isFinite else { return value }
    let text = String(format: "%.2e", value)
    guard let nearest = Double(text) else { return value }
    if down ? nearest <= value : nearest >= value { return nearest }
    let parts = text.split(separator: "e")
    guard parts.count == 2, let digits = Int(parts[0].filter { $0 != "." }),
      let exponent = Int(parts[1])
    else { return value }
    // Below 1.00 there is a finer step than above: 0.999.
    let next =
      down && digits == 100
      ? "999e\(exponent - 3)" : "\(down ? digits - 1 : digits + 1)e\(exponent - 2)"
    return Double(next) ?? value
  }
}

extension Policy {
  /// The settings under which a rule's budgets were measured: those of the scope, and of the rule
  /// itself.
  fileprivate func settings(for scope: RowScope, of rule: PolicyRule) -> PolicySettings {
    settings(for: scope).overridden(by: rule.settings)
  }
}

extension PolicyRule.Budget.Limit {
  /// The number, or the part of the bound.
  var amount: Double {
    switch self {
    case .number(let number): number
    case .bound(let factor): factor
    }
  }
}
