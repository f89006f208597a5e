import FloatFormats
import SoftmaxVariants

/// Finds rules of a policy that select nothing, and budgets and laws that later rules always overrule.
///
/// Such a rule looks like protection and is none, so it is a mistake in the file.
public struct PolicyCoverage: Sendable {
  private let policy: Policy
  private var selecting: Set<Int> = []
  private var deciding: Set<Decision> = []
  private var selectedByKey: [Set<String>]
  /// Cells come scope by scope: what holds for all of one is looked at once.
  private var lastScope: PolicyCell.Scope?
  private var forgiven: Set<Int> = []

  private struct Decision: Hashable {
    var rule: Int
    var key: String
  }

  public init(_ policy: Policy) {
    self.policy = policy
    selectedByKey = Array(repeating: [], count: policy.rules.count)
  }

  /// Takes note of a cell that there is.
  public mutating func add(_ cell: PolicyCell) {
    if cell.scope != lastScope {
      lastScope = cell.scope
      for (index, rule) in policy.rules.enumerated() { note(rule.selector, index, cell.scope) }
    }
    for (index, rule) in policy.rules.enumerated() {
      if rule.selector.matches(family: cell.family) { selectedByKey[index].insert("family") }
      if rule.selector.matches(length: cell.length) { selectedByKey[index].insert("length") }
      if rule.selector.matches(cell) { selecting.insert(index) }
    }
    let asked = policy.questions(for: cell)
    for question in asked.questions {
      deciding.insert(Decision(rule: question.rule, key: question.figure.rawValue))
      if let rule = question.expecting {
        deciding.insert(Decision(rule: rule, key: question.figure.rawValue + " expected"))
      }
    }
    for rule in asked.exclusions { deciding.insert(Decision(rule: rule, key: "exclude")) }
  }

  /// Takes note of a scope that there is.
  public mutating func add(_ scope: PolicyCell.Scope) {
    for (index, rule) in policy.rules.enumerated() {
      note(rule.selector, index, scope)
      if !rule.selector.isAboutCells, rule.selector.matches(scope) { selecting.insert(index) }
    }
    let asked = policy.questions(for: scope)
    for question in asked.laws {
      deciding.insert(
        Decision(
          rule: question.rule, key: question.expectsFailure ? question.law + " expected" : "laws"))
    }
    if let rule = asked.exclusion { deciding.insert(Decision(rule: rule, key: "exclude")) }
  }

  private mutating func note(_ selector: PolicySelector, _ index: Int, _ scope: PolicyCell.Scope) {
    func alone(_ change: (inout PolicySelector) -> Void) -> Bool {
      var part = PolicySelector()
      change(&part)
      return part.matches(scope)
    }
    let matching = [
      ("implementation", alone { $0.implementations = selector.implementations }),
      ("format", alone { $0.formats = selector.formats }),
      ("output-format", alone { $0.outputFormats = selector.outputFormats }),
      ("operation", alone { $0.operations = selector.operations }),
    ].filter { $0.1 }.map(\.0)
    selectedByKey[index].formUnion(matching)
  }

  /// The rules that select nothing of what was added so far.
  public var rulesWithoutCells: [Int] {
    policy.rules.indices.filter { !selecting.contains($0) }
  }

  /// Takes rules for useful, because what they mean may be what is missing.
  public mutating func forgive(_ rules: [Int]) { forgiven.formUnion(rules) }

  /// The mistakes, after all cells and scopes that there are were added.
  ///
  /// - Parameter place: What there is, in a few words: `this run`, the name of a results file.
  public func mistakes(among place: String) -> [PolicyMistake] {
    policy.rules.enumerated().flatMap { index, rule -> [PolicyMistake] in
      if forgiven.contains(index) { return [] }
      guard selecting.contains(index) else { return [nothingSelected(rule, index, place)] }
      return undecided(rule, index)
    }
  }

  private func nothingSelected(_ rule: PolicyRule, _ index: Int, _ place: String) -> PolicyMistake {
    let keys = ["implementation", "format", "output-format", "operation", "family", "length"]
    for key in keys where rule.places[key] != nil && !selectedByKey[index].contains(key) {
      return PolicyMistake(
        rule.place(of: key), "\(key) matches nothing in \(place); \(Self.expectation(key))")
    }
    return PolicyMistake(
      rule.place,
      "the rule matches nothing in \(place): nothing has all of \(rule.selector.summary)")
  }

  private static func expectation(_ key: String) -> String {
    switch key {
    case "implementation": "a name or glob of an implementation of the run is expected"
    case "family":
      "a name or glob of a family is expected, 'softmax-audit list --families' shows them"
    case "length": "a length that is measured is expected, such as <=1024 or 1000"
    case "operation": "softmax is the operation that is measured"
    default: "one of the formats that the implementation has is expected"
    }
  }

  private func undecided(_ rule: PolicyRule, _ index: Int) -> [PolicyMistake] {
    func isMissing(_ key: String) -> Bool { !deciding.contains(Decision(rule: index, key: key)) }
    var mistakes: [PolicyMistake] = []
    func overruled(_ key: String) -> PolicyMistake {
      PolicyMistake(
        rule.place(of: key),
        "\(key) decides nothing: later rules decide it for all that this rule selects; move or remove it"
      )
    }
    for budget in rule.budgets where isMissing(budget.figure.rawValue) {
      mistakes.append(overruled(budget.figure.rawValue))
    }
    if let laws = rule.laws, !laws.names.isEmpty, isMissing("laws") {
      // A choice whose every law is expected to fail by the same rule decides by that.
      let expected = Set(rule.expectedFailures.map(\.name))
      if !laws.names.isSubset(of: expected) { mistakes.append(overruled("laws")) }
    }
    if rule.isExclusion, isMissing("exclude") {
      mistakes.append(
        PolicyMistake(
          rule.place(of: "exclude"),
          "exclude takes nothing out: no earlier rule judges what this rule selects, or later ones take it back"
        ))
    }
    for expected in rule.expectedFailures where isMissing(expected.name + " expected") {
      mistakes.append(
        PolicyMistake(
          expected.place,
          PolicyFigure(rawValue: expected.name) == nil
            ? "later rules decide \(expected.name) for all that this rule selects; move or remove it"
            : "no budget for \(expected.name) could fail here; give one, or remove the expectation"
        ))
    }
    return mistakes
  }
}
