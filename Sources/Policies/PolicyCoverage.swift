import AuditRecords
import AuditedOperations
import Audits
import Basics
import FloatFormats
import LogitFamilies
import SoftmaxVariants

/// Finds rules of a policy, and items of their lists, that select nothing, and budgets and laws
/// that later rules always overrule.
///
/// Such a rule looks like protection and is none, so it is a mistake in the file.
package struct PolicyCoverage: Sendable {
  private let policy: Policy
  private var selecting: Set<Int> = []
  private var deciding: Set<Decision> = []
  /// The rules with a bound in cells where another rule takes one range out.
  private var selectedByKey: [Set<String>]
  /// Of each rule the items that have selected nothing yet.
  private var openItems: [[Item]]
  private var implementations: [String] = []
  private var operations: [String] = []
  /// Cells come scope by scope: what holds for all of one is looked at once.
  private var lastScope: RowScope?

  private struct Decision: Hashable {
    var rule: Int
    var key: String
  }

  /// One of several items in the list of a key.
  private struct Item: Hashable, Sendable {
    var key: String
    var number: Int
    /// As the policy has it.
    var text: String
    /// The rule's selection with this item alone under its key.
    var selector: PolicySelector
  }

  package init(_ policy: Policy) {
    self.policy = policy
    selectedByKey = Array(repeating: [], count: policy.rules.count)
    openItems = policy.rules.map { Self.items(of: $0.selector) }
  }

  /// The items of lists with several of them, globs aside: those may match nothing by intention.
  private static func items(of selector: PolicySelector) -> [Item] {
    var items: [Item] = []
    func add<Value>(
      _ key: String, _ path: WritableKeyPath<PolicySelector, [Value]>, _ text: (Value) -> String
    ) {
      let values = selector[keyPath: path]
      guard values.count > 1 else { return }
      for (number, value) in values.enumerated() where !Glob.isGlob(text(value)) {
        var own = selector
        own[keyPath: path] = [value]
        items.append(Item(key: key, number: number, text: text(value), selector: own))
      }
    }
    add("implementation", \.implementations) { $0 }
    add("format", \.formats, \.rawValue)
    add("output-format", \.outputFormats, \.rawValue)
    add("operation", \.operations) { $0 }
    add("family", \.families) { $0 }
    add("length", \.lengths, \.text)
    return items
  }

  /// Takes note of a cell that there is.
  package mutating func add(_ cell: PolicyCell) {
    if cell.scope != lastScope {
      lastScope = cell.scope
      for (index, rule) in policy.rules.enumerated() { note(rule.selector, index, cell.scope) }
    }
    for (index, rule) in policy.rules.enumerated() {
      if rule.selector.matches(family: cell.family) { selectedByKey[index].insert("family") }
      if rule.selector.matches(length: cell.length) { selectedByKey[index].insert("length") }
      if rule.selector.matches(cell) {
        selecting.insert(index)
        openItems[index].removeAll { $0.selector.matches(cell) }
      }
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
  package mutating func add(_ scope: RowScope) {
    if !implementations.contains(scope.implementation) {
      implementations.append(scope.implementation)
    }
    if !operations.contains(scope.operation.name) { operations.append(scope.operation.name) }
    for (index, rule) in policy.rules.enumerated() {
      note(rule.selector, index, scope)
      if !rule.selector.isAboutCells, rule.selector.matches(scope) {
        selecting.insert(index)
        openItems[index].removeAll { $0.selector.matches(scope) }
      }
    }
    let asked = policy.questions(for: scope)
    for question in asked.laws {
      deciding.insert(
        Decision(
          rule: question.rule, key: question.expectsFailure ? question.law + " expected" : "laws"))
    }
    if let rule = asked.exclusion { deciding.insert(Decision(rule: rule, key: "exclude")) }
  }

  private mutating func note(_ selector: PolicySelector, _ index: Int, _ scope: RowScope) {
    func alone(_ change: (inout PolicySelector) -> Void) -> Bool {
      var part = PolicySelector()
      part.parameters = selector.parameters
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

  /// The findings about the selections of a policy.
  package struct Finding: Sendable {
    /// The selections of nothing that there is at all, and those that later rules always overrule.
    package var mistakes: [PolicyMistake] = []
    /// The selections of things that there are and nobody asked for this time, one sentence each.
    package var notMeasured: [String] = []
    /// The selections of implementations that are not part of the run, one sentence each.
    package var passedOver: [String] = []
  }

  /// The knowledge beside the cells and scopes that were added.
  package struct Surroundings: Sendable {
    /// The name of all that there is: `this run`, the name of a results file.
    package var place: String
    /// Whether something could not be loaded that a rule might mean.
    package var mayBeMissing = false
    /// Whether rules about implementations that are not part of the run are passed over.
    package var isPartial = false
    /// Implementations that this program has, whether the run has them or not.
    package var available: [any SoftmaxImplementation] = []

    package init(place: String) { self.place = place }

    /// Whether a selection selects anything of what this program has.
    fileprivate func has(_ selector: PolicySelector) -> Bool {
      available.contains { implementation in
        implementation.formats.contains { format in
          let outputs =
            selector.outputFormats.isEmpty
            ? [implementation.defaultOutputFormat(for: format)] : selector.outputFormats
          return outputs.contains { output in
            selector.parameters.areTaken(by: implementation.operation)
              && selector.matches(
                RowScope(
                  implementation, input: format, output: output,
                  parameters: selector.parameters.row))
          } && hasCells(selector, of: implementation.operation, in: format)
        }
      }
    }

    private func hasCells(
      _ selector: PolicySelector, of operation: AuditedOperation, in format: FloatFormat
    ) -> Bool {
      guard selector.isAboutCells else { return true }
      return AuditPlan.families(of: operation).contains { family in
        family.applies(to: format) && selector.matches(family: family.name)
          && (selector.lengths.contains { $0.comparison == .equal }
            || family.usualLengths.contains(where: selector.matches(length:)))
      }
    }
  }

  /// The findings about the selections of a policy beside the measured cells and scopes.
  ///
  /// - Throws: ``PolicyMistakes`` for what selects nothing that there is at all.
  package static func finding(
    of policy: Policy, cells: [PolicyCell], scopes: [RowScope], _ surroundings: Surroundings
  ) throws(PolicyMistakes) -> Finding {
    var coverage = PolicyCoverage(policy)
    for cell in cells { coverage.add(cell) }
    for scope in scopes { coverage.add(scope) }
    let finding = coverage.finding(surroundings)
    guard finding.mistakes.isEmpty else {
      throw PolicyMistakes(name: policy.name, mistakes: finding.mistakes)
    }
    return finding
  }

  /// The findings about the selections, after all cells and scopes of the run were added.
  package func finding(_ surroundings: Surroundings) -> Finding {
    var finding = Finding()
    for (index, rule) in policy.rules.enumerated() {
      let isForeign = !selectedByKey[index].contains("implementation")
      guard selecting.contains(index) else {
        if surroundings.isPartial, isForeign {
          finding.passedOver.append(place(rule.place) + rule.selector.summary)
        } else if surroundings.mayBeMissing || surroundings.has(rule.selector) {
          finding.notMeasured.append(
            "\(place(rule.place))\(rule.selector.summary) was not measured")
        } else {
          finding.mistakes.append(nothingSelected(rule, index, surroundings.place))
        }
        continue
      }
      for item in openItems[index] {
        let itemPlace = rule.place(of: item.key, item: item.number)
        let what = "\(item.key) \(PolicySelector.shown(item.text))"
        if surroundings.isPartial, item.key == "implementation" {
          finding.passedOver.append(place(itemPlace) + what)
        } else if surroundings.mayBeMissing && item.key == "implementation"
          || surroundings.has(item.selector)
        {
          finding.notMeasured.append("\(place(itemPlace))\(what) was not measured")
        } else {
          finding.mistakes.append(
            PolicyMistake(
              itemPlace,
              "\(what) matches nothing in \(surroundings.place) that the rest of the rule selects; \(expectation(item.key, item.text))"
            ))
        }
      }
      finding.mistakes += undecided(rule, index)
    }
    return finding
  }

  private func place(_ place: PolicyPlace) -> String {
    "\(policy.name):\(place.line):\(place.column): "
  }

  private func nothingSelected(_ rule: PolicyRule, _ index: Int, _ place: String) -> PolicyMistake {
    let keys = ["implementation", "format", "output-format", "operation", "family", "length"]
    for key in keys where rule.places[key] != nil && !selectedByKey[index].contains(key) {
      let names = key == "family" ? rule.selector.families : rule.selector.implementations
      return PolicyMistake(
        rule.place(of: key),
        "\(key) matches nothing in \(place); \(expectation(key, names.first ?? ""))")
    }
    return PolicyMistake(
      rule.place,
      "the rule matches nothing in \(place): nothing has all of \(rule.selector.summary)")
  }

  private func expectation(_ key: String, _ text: String) -> String {
    switch key {
    case "implementation":
      let shown = implementations.prefix(8).map(PolicySelector.shown).joined(separator: ", ")
      let more = implementations.count > 8 ? " and \(implementations.count - 8) more" : ""
      let known =
        implementations.isEmpty
        ? "; other rules select none either" : ": it has \(shown)\(more)"
      return "a name or glob of an implementation of the run is expected\(known)"
        + NearMiss.suggestion(
          for: text,
          among: implementations
            + AuditedOperation.everyOne.flatMap { BuiltInImplementation.all(of: $0).map(\.name) })
    case "family":
      return
        "a name or glob of a family is expected, 'softmax-audit list --families' shows them"
        + NearMiss.suggestion(
          for: text,
          among: AuditedOperation.everyOne.flatMap { AuditPlan.families(of: $0).map(\.name) }
            .uniqued())
    case "length": return "a length that is measured is expected, such as <=1024 or 1000"
    case "operation":
      return "an operation of the run is expected: \(operations.joined(separator: ", "))"
    default: return "one of the formats that the implementation has is expected"
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
