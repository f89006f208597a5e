import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Laws
import Oracle
import Policies
import SoftmaxVariants
import Yams

/// Turns the nodes of a policy file into a policy, and collects what is wrong with them.
struct PolicyReader {
  /// Reads the numbers of a file.
  private let numbers: PolicyFile.Numbers
  private(set) var mistakes: [PolicyMistake] = []

  init(numbers: @escaping PolicyFile.Numbers) { self.numbers = numbers }

  private static let settingKeys = [
    "effort", "seed", "samples", "underflow", "special-lanes", "declare", "largest-logit",
  ]
  private static let policyKeys = ["schema"] + settingKeys + ["rules"]
  private static let selectorKeys = [
    "implementation", "format", "output-format", "operation", "family", "length", "regime",
  ]
  private static let parameterKeys = [
    "scale", "softcap", "mask", "causal-alignment", "sink", "label-smoothing", "ignore-index",
    "class-weights",
  ]
  private static let ruleKeys =
    selectorKeys + parameterKeys + PolicyFigure.named.map(\.rawValue) + [
      "laws", "expect-failure", "exclude",
    ]
    + settingKeys + ["reason", "provenance"]

  /// The keys of a mapping with their values, as far as they are known.
  private struct Entries {
    var values: [String: Node] = [:]
    var places: [String: PolicyPlace] = [:]
    subscript(key: String) -> Node? { values[key] }
  }

  private mutating func complain(_ node: Node, _ message: String) {
    mistakes.append(PolicyMistake(PolicyPlace(node), message))
  }

  // MARK: The whole

  mutating func policy(_ root: Node, name: String) -> Policy? {
    guard let entries = entries(root, Self.policyKeys, of: "a policy") else { return nil }
    if let schema = entries["schema"] {
      if schema.scalar?.string != Policy.currentSchema {
        complain(schema, "schema is \(shown(schema)); \"\(Policy.currentSchema)\" is expected")
      }
    } else {
      complain(root, "schema is missing; \"schema: \(Policy.currentSchema)\" is expected")
    }
    let defaults = settings(entries)
    let places = entries.places
    guard let list = entries["rules"] else {
      complain(root, "rules are missing; a list of rules is expected")
      return nil
    }
    guard let nodes = list.sequence, !nodes.isEmpty else {
      complain(list, "rules is \(shown(list)); a list of one rule or more is expected")
      return nil
    }
    var rules: [PolicyRule] = []
    for node in nodes { if let rule = rule(node) { rules.append(rule) } }
    complainOfDuplicates(rules)
    var policy = Policy(name: name, defaults: defaults, rules: rules)
    policy.places = places
    return policy
  }

  private mutating func rule(_ node: Node) -> PolicyRule? {
    guard let entries = entries(node, Self.ruleKeys, of: "a rule") else { return nil }
    let before = mistakes.count
    var rule = PolicyRule(selector: selector(entries), reason: "", place: PolicyPlace(node))
    rule.places = entries.places
    for key in Self.selectorKeys {
      guard let value = entries[key] else { continue }
      rule.itemPlaces[key] = items(value).map { PolicyPlace($0) }
    }
    if let reason = entries["reason"] {
      rule.reason = text(reason, "reason") ?? ""
      if rule.reason.allSatisfy(\.isWhitespace), mistakes.count == before {
        complain(reason, "reason is empty; say why the rule is as it is")
      }
    } else {
      complain(node, "the rule has no reason; \"reason: why it is as it is\" is expected")
    }
    for figure in PolicyFigure.named {
      guard let value = entries[figure.rawValue], let limit = limit(value, figure) else { continue }
      rule.budgets.append(.init(figure, limit))
    }
    if let value = entries["laws"] { rule.laws = laws(value) }
    if let value = entries["expect-failure"] { rule.expectedFailures = expectedFailures(value) }
    if let value = entries["exclude"] {
      if value.scalar?.string == "true" {
        rule.isExclusion = true
      } else {
        complain(value, "exclude is \(shown(value)); true is expected, or no such key")
      }
    }
    rule.settings = settings(entries, of: rule.selector.operations)
    rule.provenance = entries["provenance"].flatMap { provenance($0) }
    if mistakes.count == before { complainOfContradictions(rule, node, entries) }
    return rule
  }

  private mutating func complainOfContradictions(
    _ rule: PolicyRule, _ node: Node, _ entries: Entries
  ) {
    if rule.isExclusion, rule.judges || !rule.settings.isEmpty {
      complain(
        entries["exclude"] ?? node,
        "exclude contradicts the other demands of the rule; a rule that excludes has a selection and a reason, and no more"
      )
    }
    if !rule.isExclusion, !rule.judges, rule.settings.isEmpty {
      complain(
        node,
        "the rule demands nothing; a budget (max-ulp: 4), laws, expect-failure, exclude or a setting is expected"
      )
    }
    let narrowing = ["family", "length", "regime"].filter { entries[$0] != nil }
    if let narrow = narrowing.first {
      for key in ["laws", "effort"] {
        guard let value = entries[key] else { continue }
        complain(
          value,
          "\(key) contradicts \(narrow): laws are checked on cases of their own; write two rules, this one without \(key), and one with \(key) and without \(narrow)"
        )
      }
      for expected in rule.expectedFailures where PolicyFigure(rawValue: expected.name) == nil {
        mistakes.append(
          PolicyMistake(
            expected.place,
            "the law \(expected.name) contradicts \(narrow): laws are checked on cases of their own; write two rules, this one without the law, and one with it and without \(narrow)"
          ))
      }
    }
    if let key = rule.selector.parameters.keyBeyondLaws, let value = entries["laws"] {
      complain(
        value,
        "laws contradicts \(key): laws are checked on lanes of many shapes and draw their own; write two rules, this one without laws, and one with laws and without \(key)"
      )
    }
    guard let regime = rule.selector.regime else { return }
    for key in Self.settingKeys {
      guard key != "effort", let value = entries[key] else { continue }
      complain(
        value,
        "\(key) contradicts regime: outputs of both ranges come from one run; a rule without regime is expected"
      )
    }
    if regime == .subnormal {
      for budget in rule.budgets where budget.figure != .maxUlp {
        complain(
          entries[budget.figure.rawValue] ?? node,
          "\(budget.figure.rawValue) contradicts regime subnormal: it is over the normal range; max-ulp is expected"
        )
      }
    }
  }

  /// Two rules with the same selection must not speak of the same: the first of them would be there
  /// for nothing.
  private mutating func complainOfDuplicates(_ rules: [PolicyRule]) {
    var earlier: [PolicySelector: [PolicyRule]] = [:]
    for rule in rules {
      defer { earlier[rule.selector, default: []].append(rule) }
      for other in earlier[rule.selector] ?? [] {
        let keys = Set(rule.places.keys).intersection(other.places.keys)
          .subtracting(Self.selectorKeys + Self.parameterKeys).subtracting(["reason", "provenance"])
        for key in keys.sorted() {
          mistakes.append(
            PolicyMistake(
              rule.place(of: key),
              "\(key) stands here a second time for \(rule.selector.summary): the rule on line \(other.place.line) has it; one of the two is expected"
            ))
        }
      }
    }
  }

  // MARK: Parts of a rule

  private mutating func selector(_ entries: Entries) -> PolicySelector {
    var selector = PolicySelector()
    selector.implementations = texts(entries["implementation"], "implementation")
    selector.formats = formats(entries["format"], "format")
    selector.outputFormats = formats(entries["output-format"], "output-format")
    selector.operations = texts(entries["operation"], "operation")
    selector.families = texts(entries["family"], "family")
    for node in nonEmptyItems(entries["length"], "length") {
      guard let text = node.scalar?.string, let condition = PolicySelector.LengthCondition(text),
        condition.length <= LaneGeometry.largestLength
      else {
        complain(
          node,
          "length is \(shown(node)); a length from 0 to \(LaneGeometry.largestLength) is expected, such as 1000, \"<=1024\" or \">64\""
        )
        continue
      }
      selector.lengths.append(condition)
    }
    if let value = entries["regime"] { selector.regime = choice(value, "regime") }
    selector.parameters = parameters(entries, of: selector.operations)
    return selector
  }

  /// The modifiers and parameters of calls.
  ///
  /// - Parameter operations: The names and globs of the operations of the rule; none for all.
  private mutating func parameters(
    _ entries: Entries, of operations: [String]
  ) -> PolicyParameters {
    let parameters = PolicyParameters(modifiers(entries), loss(entries))
    let selected = AuditedOperation.everyOne.filter { operation in
      operations.isEmpty || operations.contains { Glob.matches(operation.name, $0) }
    }
    if parameters != .none, !selected.isEmpty, !selected.contains(where: parameters.areTaken),
      let key = Self.parameterKeys.last(where: { entries[$0] != nil }), let node = entries[key]
    {
      let isMixed = !parameters.modifiers.isNone && !parameters.loss.isNone
      complain(
        node,
        "no operation that the rule selects takes \(key)\(isMixed ? " beside modifiers of logits" : ""); remove it, or name another operation"
      )
    }
    return parameters
  }

  private mutating func modifiers(_ entries: Entries) -> GivenModifiers {
    var modifiers = GivenModifiers()
    if let node = entries["scale"] {
      let largest = Double.greatestFiniteMagnitude
      modifiers.scale = number(node, "scale", -largest...largest, "a finite number")
    }
    if let node = entries["softcap"] {
      modifiers.softcap = number(
        node, "softcap", .leastNonzeroMagnitude ... .greatestFiniteMagnitude,
        "a finite number above 0")
    }
    if let node = entries["mask"] {
      if node.scalar?.string == "causal" {
        modifiers.causal = .bottomRight
      } else {
        modifiers.mask = file(node, "mask")
      }
    }
    if let node = entries["causal-alignment"] {
      let alignment: CausalAlignment? = choice(node, "causal-alignment")
      if modifiers.causal == nil {
        complain(node, "causal-alignment belongs to \"mask: causal\"; there is none")
      } else {
        modifiers.causal = alignment
      }
    }
    if let node = entries["sink"] {
      modifiers.sink =
        number(node).map { .number($0) } ?? file(node, "sink").map { .file($0) }
    }
    return modifiers
  }

  private mutating func loss(_ entries: Entries) -> GivenLoss {
    var loss = GivenLoss()
    if let node = entries["label-smoothing"] {
      loss.labelSmoothing = number(node, "label-smoothing", 0...1, "a number from 0 to 1")
    }
    if let node = entries["ignore-index"] {
      loss.ignoreIndex = plain(node).flatMap { Int64($0) }
      if loss.ignoreIndex == nil {
        complain(node, "ignore-index is \(shown(node)); a whole number is expected")
      }
    }
    guard let node = entries["class-weights"], let file = file(node, "class-weights") else {
      return loss
    }
    if file.shape.count == 1, file.numbers.allSatisfy({ $0 >= 0 && $0.isFinite }) {
      loss.classWeights = file
    } else {
      complain(
        node,
        "class-weights: \(file.path) holds something else than one finite number for each class, none negative"
      )
    }
    return loss
  }

  /// The numbers of a file that a key names.
  private mutating func file(_ node: Node, _ key: String) -> NumberFile? {
    guard let path = text(node, key) else { return nil }
    do {
      return try numbers(path)
    } catch let error as UserError {
      complain(node, "\(key): \(error.message)")
    } catch {
      complain(node, "\(key): \(path) cannot be read")
    }
    return nil
  }

  private mutating func formats(_ node: Node?, _ key: String) -> [FloatFormat] {
    var formats: [FloatFormat] = []
    for node in nonEmptyItems(node, key) {
      if let format: FloatFormat = choice(node, key) { formats.append(format) }
    }
    return formats
  }

  /// The largest limit that anything could exceed: an output of 0 is at most 2^53 ULP off where
  /// results are normal.
  private static let largestLimit = 0x1p53

  private mutating func limit(_ node: Node, _ figure: PolicyFigure) -> PolicyRule.Budget.Limit? {
    let key = figure.rawValue
    let text = node.scalar?.string ?? ""
    if text == "bound" || text.hasPrefix("bound*") {
      guard figure == .maxUlp else {
        complain(node, "\(key) is \(text); a number is expected: only max-ulp has a bound")
        return nil
      }
      guard text != "bound" else { return .bound(1) }
      guard let factor = Double(text.dropFirst("bound*".count)), factor > 0,
        factor <= Self.largestLimit
      else {
        complain(
          node,
          "max-ulp is \(shown(node)); bound, or bound*0.5 with a number above 0 and at most 2^53, is expected"
        )
        return nil
      }
      return .bound(factor)
    }
    let isShare = figure.descriptor?.range == .share
    let range = isShare ? 0...1.0 : 0...Self.largestLimit
    let expected =
      figure == .maxUlp
      ? "a number from 0 to 2^53, bound or bound*0.5"
      : isShare ? "a share above 0, at most 1" : "a number from 0 to 2^53"
    guard let number = number(node), range.contains(number) else {
      complain(node, "\(key) is \(shown(node)); \(expected) is expected")
      return nil
    }
    if figure.isFloor, number == 0 {
      complain(node, "\(key) is 0, which any softmax keeps; demand a share above 0")
      return nil
    }
    return .number(number)
  }

  /// Grades joined by plus signs, or a list of grades, names and globs.
  private mutating func laws(_ node: Node) -> PolicyRule.Laws? {
    let words: [(text: String, node: Node)]
    if let text = node.scalar?.string {
      words = text.split(separator: "+", omittingEmptySubsequences: false).map {
        (String($0).trimmed, node)
      }
    } else if let nodes = node.sequence {
      words = nodes.compactMap { item in item.scalar.map { ($0.string, item) } }
      guard words.count == nodes.count, !nodes.isEmpty else {
        complain(node, "laws is \(shown(node)); a list of names of laws is expected")
        return nil
      }
    } else {
      complain(
        node, "laws is \(shown(node)); grades (required+consistency) or a list of laws is expected")
      return nil
    }
    var names = Set<String>()
    var literal = Set<String>()
    for (word, place) in words {
      let chosen = Self.laws(word)
      if chosen.isEmpty {
        let grades = LawGrade.allCases.map(\.rawValue)
        complain(
          place,
          "there is no law or grade \"\(word)\"; \(grades.joined(separator: ", ")), all, or what 'softmax-audit list --laws' shows is expected"
            + NearMiss.suggestion(for: word, among: grades + ["all"] + Law.policyNames))
      }
      names.formUnion(chosen)
      if Law.grade(of: word) != nil { literal.insert(word) }
    }
    return .init(text: words.map(\.text).joined(separator: "+"), names: names, literal: literal)
  }

  private static func laws(_ word: String) -> [String] {
    if word == "all" { return Law.policyNames }
    if let grade = LawGrade(rawValue: word) {
      return Law.policyNames.filter { Law.grade(of: $0) == grade }
    }
    return Law.policyNames.filter { Glob.matches($0, word) }
  }

  private mutating func expectedFailures(_ node: Node) -> [PolicyRule.ExpectedFailure] {
    let known = Law.policyNames + PolicyFigure.allCases.map(\.rawValue)
    var expected: [PolicyRule.ExpectedFailure] = []
    for item in items(node) {
      guard let name = item.scalar?.string, known.contains(name) else {
        complain(
          item,
          "expect-failure has \(shown(item)); the name of a law or a figure is expected"
            + NearMiss.suggestion(for: item.scalar?.string ?? "", among: known))
        continue
      }
      if expected.contains(where: { $0.name == name }) {
        complain(item, "\(name) stands here a second time; once is expected")
        continue
      }
      expected.append(.init(name, PolicyPlace(item)))
    }
    if items(node).isEmpty {
      complain(node, "expect-failure is empty; names of laws or figures are expected")
    }
    return expected
  }

  /// The model of a name in the first operation that has one, of those that patterns select; all
  /// where there are none.
  private static func model(_ name: String, of patterns: [String]) -> DeclaredModel? {
    AuditedOperation.all.lazy.filter { operation in
      patterns.isEmpty || patterns.contains { Glob.matches(operation.name, $0) }
    }.compactMap { DeclaredModel(named: name, of: $0) }.first
  }

  /// The settings of a mapping.
  ///
  /// - Parameter operations: The names and globs of the operations that they are for; none for all.
  private mutating func settings(
    _ entries: Entries, of operations: [String] = []
  ) -> PolicySettings {
    var settings = PolicySettings()
    if let node = entries["effort"] {
      settings.effort = number(node, "effort", 1e-6...1e6, "a number from 0.000001 to 1000000")
    }
    if let node = entries["seed"] {
      settings.seed = UInt64(plain(node) ?? "")
      if settings.seed == nil {
        complain(node, "seed is \(shown(node)); a whole number from 0 to 2^64 - 1 is expected")
      }
    }
    if let node = entries["samples"] {
      settings.samples = Int(plain(node) ?? "").flatMap { (1...1 << 20).contains($0) ? $0 : nil }
      if settings.samples == nil {
        complain(node, "samples is \(shown(node)); a whole number from 1 to 1048576 is expected")
      }
    }
    if let node = entries["largest-logit"] {
      settings.largestLogit = number(
        node, "largest-logit", CheckSettings.leastLargestLogit...Double.greatestFiniteMagnitude,
        "a finite number of at least 16")
    }
    if let node = entries["underflow"] { settings.underflow = choice(node, "underflow") }
    if let node = entries["special-lanes"] { settings.specialLanes = specialLanes(node) }
    if let node = entries["declare"] {
      let name = node.scalar?.string ?? ""
      if name == "none" {
        settings.declare = PolicySettings.Model.none
      } else if let variant = Self.model(name, of: operations) {
        settings.declare = .declared(variant)
      } else {
        complain(
          node,
          "there is no model \(shown(node)); none, or the name of a built-in variant such as max-trick/pairwise/float32 is expected"
            + NearMiss.suggestion(for: name, among: SoftmaxVariant.all.map(\.name)))
      }
    }
    return settings
  }

  private mutating func specialLanes(_ node: Node) -> SpecialLanePolicy? {
    var policy: SpecialLanePolicy = []
    let known = SpecialLanePolicy.names.map(\.0)
    let words: [(String, Node)] = nonEmptyItems(node, "special-lanes").flatMap { item in
      (item.scalar?.string ?? "").split(separator: ",", omittingEmptySubsequences: false)
        .map { (String($0).trimmed, item) }
    }
    for (word, place) in words {
      guard let named = SpecialLanePolicy.names.first(where: { $0.0 == word }) else {
        complain(
          place,
          "there is no special-lane policy \"\(word)\"; \(known.joined(separator: ", ")) or several are expected"
            + NearMiss.suggestion(for: word, among: known))
        return nil
      }
      policy.formUnion(named.1)
    }
    if let contradiction = policy.contradiction {
      complain(node, contradiction)
      return nil
    }
    return policy
  }

  private mutating func provenance(_ node: Node) -> PolicyRule.Provenance? {
    let keys = ["tool", "platform", "seed", "samples", "measured"]
    guard let entries = entries(node, keys, of: "provenance") else { return nil }
    let before = mistakes.count
    for key in keys where key != "samples" && entries[key] == nil {
      complain(node, "provenance has no \(key); it is what --write-baseline wrote")
    }
    var measured: [String: Double] = [:]
    if let node = entries["measured"] {
      for (key, value) in node.mapping ?? [:] {
        guard let name = key.scalar?.string, PolicyFigure(rawValue: name) != nil,
          let number = number(value)
        else {
          complain(key, "measured has \(shown(key)); a figure and a number are expected")
          continue
        }
        measured[name] = number
      }
    }
    guard mistakes.count == before else { return nil }
    let seed = entries["seed"].flatMap { UInt64(plain($0) ?? "") }
    guard let seed else {
      complain(entries["seed"] ?? node, "seed of provenance is expected to be a whole number")
      return nil
    }
    return .init(
      tool: entries["tool"].flatMap { text($0, "tool") } ?? "",
      platform: entries["platform"].flatMap { text($0, "platform") } ?? "", seed: seed,
      samples: entries["samples"].flatMap { Int(plain($0) ?? "") }, measured: measured)
  }

  // MARK: Nodes

  private mutating func entries(_ node: Node, _ keys: [String], of what: String) -> Entries? {
    guard let mapping = node.mapping else {
      complain(node, "\(what) is expected here, with keys and values; there is \(shown(node))")
      return nil
    }
    var entries = Entries()
    for (key, value) in mapping {
      guard let name = key.scalar?.string, keys.contains(name) else {
        complain(
          key,
          "there is no key \(shown(key)); \(what) has \(keys.joined(separator: ", "))"
            + NearMiss.suggestion(for: key.scalar?.string ?? "", among: keys))
        continue
      }
      entries.values[name] = value
      entries.places[name] = PolicyPlace(key)
    }
    return entries
  }

  /// The items of a list; a single value is a list of one.
  private func items(_ node: Node?) -> [Node] {
    guard let node else { return [] }
    return node.sequence.map { Array($0) } ?? [node]
  }

  private mutating func texts(_ node: Node?, _ key: String) -> [String] {
    var result: [String] = []
    for item in nonEmptyItems(node, key) {
      if let text = text(item, key) { result.append(text) }
    }
    return result
  }

  /// The items of a list, which selects nothing where it is empty.
  private mutating func nonEmptyItems(_ node: Node?, _ key: String) -> [Node] {
    let items = items(node)
    if let node, items.isEmpty {
      complain(node, "\(key) is an empty list; one item or more is expected")
    }
    return items
  }

  private mutating func text(_ node: Node, _ key: String) -> String? {
    let nothing = ["~", "null", "Null", "NULL"]
    guard let text = node.scalar?.string, !text.isEmpty, !nothing.contains(plain(node) ?? "")
    else {
      complain(node, "\(key) is \(shown(node)); a text is expected")
      return nil
    }
    return text
  }

  private mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ node: Node, _ key: String
  ) -> Choice? where Choice.RawValue == String {
    if let choice = node.scalar.flatMap({ Choice(rawValue: $0.string) }) { return choice }
    let known = Choice.allCases.map(\.rawValue)
    complain(
      node,
      "\(key) is \(shown(node)); \(known.joined(separator: ", ")) is expected"
        + NearMiss.suggestion(for: node.scalar?.string ?? "", among: known))
    return nil
  }

  private mutating func number(
    _ node: Node, _ key: String, _ range: ClosedRange<Double>, _ expected: String
  ) -> Double? {
    if let number = number(node), range.contains(number) { return number }
    complain(node, "\(key) is \(shown(node)); \(expected) is expected")
    return nil
  }

  /// A finite number that stands there without quotes.
  private func number(_ node: Node) -> Double? {
    guard let text = plain(node), text.first.map({ "+-.0123456789".contains($0) }) == true,
      let number = Double(text), number.isFinite
    else { return nil }
    return number
  }

  private func plain(_ node: Node) -> String? {
    guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else {
      return nil
    }
    return scalar.string
  }

  private func shown(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "empty" : "\"\(scalar.string.prefix(60))\""
    case .mapping: "a mapping"
    case .sequence(let sequence): sequence.isEmpty ? "an empty list" : "a list"
    case .alias: "an alias"
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = Substring(self)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
