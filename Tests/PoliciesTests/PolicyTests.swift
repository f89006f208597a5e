import AuditRecords
import FloatFormats
import Policies
import Testing

@testable import AuditedOperations
@testable import SoftmaxVariants

/// A rule put together by hand.
func rule(
  line: Int = 1, _ implementation: String? = nil, _ change: (inout PolicyRule) -> Void = { _ in }
) -> PolicyRule {
  var selector = PolicySelector()
  selector.implementations = implementation.map { [$0] } ?? []
  var rule = PolicyRule(
    selector: selector, reason: "why", place: PolicyPlace(line: line, column: 3))
  change(&rule)
  return rule
}

private let scope = RowScope(implementation: "a/b", input: .float32, output: .float32)
private let cell = PolicyCell(scope, family: "normal-4", length: 128)

@Suite("What a policy asks")
struct PolicyTests {
  @Test("The last rule that matches a figure decides it, whatever rules between say of others")
  func lastMatch() {
    let policy = Policy(
      name: "p",
      rules: [
        rule { $0.budgets = [.init(.maxUlp, .number(1)), .init(.meanUlp, .number(2))] },
        rule("a/*") { $0.budgets = [.init(.maxUlp, .bound(1))] },
        rule("other") { $0.budgets = [.init(.maxUlp, .number(9))] },
        rule {
          $0.selector.lengths = [.init(.above, 128)]
          $0.budgets = [.init(.maxUlp, .number(7))]
        },
      ])
    let asked = policy.questions(for: cell).questions
    #expect(asked.map(\.figure) == [.maxUlp, .meanUlp, .mismatches])
    #expect(asked.map(\.rule) == [1, 0, 1])
    #expect(asked[0].limit == .bound(1) && asked[0].regime == nil)
  }

  @Test("A rule about one range leaves the other to the rules before it")
  func regimes() {
    let policy = Policy(
      name: "p",
      rules: [
        rule { $0.budgets = [.init(.maxUlp, .number(1)), .init(.meanUlp, .number(2))] },
        rule {
          $0.selector.regime = .subnormal
          $0.budgets = [.init(.maxUlp, .number(8))]
        },
      ])
    let asked = policy.questions(for: cell).questions
    #expect(asked.map(\.regime) == [.normal, .subnormal, nil, nil])
    #expect(asked.map(\.rule) == [0, 1, 0, 1])
  }

  @Test("An exclusion takes out what rules before it ask, and rules after it ask again")
  func exclusion() {
    var rules = [
      rule { $0.budgets = [.init(.maxUlp, .number(1)), .init(.meanUlp, .number(2))] },
      rule("a*") { $0.isExclusion = true },
    ]
    let excluded = Policy(name: "p", rules: rules).questions(for: cell)
    #expect(!excluded.needsMeasurement && excluded.exclusions == [1])
    rules.append(rule { $0.budgets = [.init(.meanUlp, .number(3))] })
    let again = Policy(name: "p", rules: rules).questions(for: cell)
    #expect(again.questions.map(\.figure) == [.meanUlp, .mismatches] && again.exclusions == [1])
  }

  @Test("A choice of laws replaces the one before; an expected failure adds to it")
  func laws() {
    let policy = Policy(
      name: "p",
      rules: [
        rule { $0.laws = .init(text: "", names: ["axis", "range"]) },
        rule { $0.laws = .init(text: "", names: ["shift", "sum"], literal: ["shift"]) },
        rule("a/b") { $0.expectedFailures = [.init("overflow", PolicyPlace(line: 4, column: 9))] },
        rule {
          $0.selector.families = ["dust"]
          $0.budgets = [.init(.maxUlp, .number(1))]
        },
      ])
    let asked = policy.questions(for: scope).laws
    #expect(asked.map(\.law) == ["overflow", "shift"])
    #expect(asked.map(\.expectsFailure) == [true, false])
    #expect(asked.map(\.rule) == [2, 1] && asked.map(\.isLiteral) == [true, true])
  }

  @Test("Settings come from the defaults and the rules that match, the last one first")
  func settings() {
    let policy = Policy(
      name: "p", defaults: PolicySettings(effort: 2, seed: 5, samples: 3),
      rules: [
        rule("a/*") { $0.settings = PolicySettings(seed: 6, underflow: .flush) },
        rule {
          $0.selector.families = ["normal-*"]
          $0.settings = PolicySettings(samples: 9)
        },
        rule("other") { $0.settings = PolicySettings(seed: 7) },
      ])
    #expect(
      policy.settings(for: cell)
        == PolicySettings(effort: 2, seed: 6, samples: 9, underflow: .flush))
    #expect(
      policy.settings(for: scope)
        == PolicySettings(effort: 2, seed: 6, samples: 3, underflow: .flush))
  }

  @Test(
    "Lengths are compared as written",
    arguments: [
      ("1000", [1000]), ("<=17", [0, 17]), ("<17", [0]), (">= 17", [17, 1000]), (">17", [1000]),
    ])
  func lengths(text: String, expected: [Int]) throws {
    let condition = try #require(PolicySelector.LengthCondition(text))
    #expect([0, 17, 1000].filter(condition.holds) == expected)
  }

  @Test("What is no condition is none", arguments: ["", "<", "=5", "-5", "5-6", "1e3", "5 6"])
  func noLengths(text: String) { #expect(PolicySelector.LengthCondition(text) == nil) }

  @Test("Names of built-in variants may leave the summation out; globs cross slashes")
  func names() {
    #expect(PolicySelector.names("max-trick", "max-trick/sequential"))
    #expect(!PolicySelector.names("max-trick", "max-trick/pairwise"))
    #expect(PolicySelector.names("max-*", "max-trick/pairwise/float32"))
    #expect(PolicySelector.names("mylib", "mylib") && !PolicySelector.names("mylib", "mylib2"))
  }

  @Test("A rule that matches nothing is found, with the key that is to blame")
  func nothingMatched() {
    let policy = Policy(
      name: "p",
      rules: [
        rule(line: 3, "nobody*") {
          $0.places = ["implementation": PolicyPlace(line: 4, column: 5)]
          $0.budgets = [.init(.maxUlp, .number(1))]
        },
        rule(line: 6, "a/b") {
          $0.selector.families = ["normal-4"]
          $0.selector.lengths = [.init(.above, 1000)]
          $0.places = ["length": PolicyPlace(line: 8, column: 5)]
          $0.budgets = [.init(.maxUlp, .number(1))]
        },
        rule(line: 9) {
          $0.selector.formats = [.float32]
          $0.selector.lengths = [.init(.equal, 5)]
          $0.budgets = [.init(.maxUlp, .number(1))]
        },
      ])
    var coverage = PolicyCoverage(policy)
    coverage.add(cell)
    coverage.add(
      PolicyCell(
        .init(implementation: "a/b", input: .float16, output: .float16), family: "x", length: 5))
    let mistakes = coverage.finding(.init(place: "this run")).mistakes
    #expect(mistakes.map(\.place.line) == [4, 8, 9])
    #expect(mistakes[0].message.hasPrefix("implementation matches nothing in this run"))
    #expect(mistakes[1].message.hasPrefix("length matches nothing"))
    #expect(mistakes[2].message.contains("nothing has all of format float32, length 5"))
  }

  /// A run of one implementation in float32, and a policy with one rule.
  private func finding(
    _ change: (inout PolicySelector) -> Void, isPartial: Bool = false
  ) -> PolicyCoverage.Finding {
    let policy = Policy(
      name: "p",
      rules: [
        rule(line: 3) {
          change(&$0.selector)
          $0.budgets = [.init(.maxUlp, .number(1))]
          for key in ["implementation", "format", "operation", "family", "length"] {
            $0.itemPlaces[key] = [
              PolicyPlace(line: 4, column: 9), PolicyPlace(line: 4, column: 20),
            ]
          }
        }
      ])
    var coverage = PolicyCoverage(policy)
    let scope = RowScope(implementation: "mine", input: .float32, output: .float32)
    coverage.add(scope)
    for length in [3, 17] {
      coverage.add(PolicyCell(scope, family: "normal-1", length: length))
    }
    var surroundings = PolicyCoverage.Surroundings(place: "this run")
    surroundings.available = BuiltInImplementation.all
    surroundings.isPartial = isPartial
    return coverage.finding(surroundings)
  }

  @Test("An item of a list that selects nothing there is, is a mistake at its own place")
  func idleItems() throws {
    let changes: [(String, (inout PolicySelector) -> Void)] = [
      ("implementation other matches nothing", { $0.implementations = ["mine", "other"] }),
      ("family overflow-egde matches nothing", { $0.families = ["normal-1", "overflow-egde"] }),
      ("operation log-softmax matches", { $0.operations = ["softmax", "log-softmax"] }),
      (
        "length >200000 matches nothing",
        { $0.lengths = [.init(.equal, 3), .init(.above, 200_000)] }
      ),
      (
        "format float16 matches nothing",
        {
          $0.implementations = ["mine"]
          $0.formats = [.float32, .float16]
        }
      ),
    ]
    for (message, change) in changes {
      let found = finding(change)
      let mistake = try #require(found.mistakes.first, "\(message)")
      #expect(found.mistakes.count == 1)
      #expect(mistake.place == PolicyPlace(line: 4, column: 20))
      #expect(mistake.message.hasPrefix(message), "\(mistake.message)")
    }
    #expect(
      finding { $0.families = ["normal-1", "overflow-egde"] }.mistakes[0].message
        .contains("did you mean \"overflow-edge\"?"))
    #expect(
      finding { $0.implementations = ["mine", "other"] }.mistakes[0].message
        .contains("it has mine"))
  }

  @Test("An item that selects what the program has, and this run does not, was not measured")
  func itemsElsewhere() {
    let other = finding { $0.implementations = ["mine", "max-trick"] }
    #expect(other.mistakes.isEmpty)
    #expect(other.notMeasured == ["p:4:20: implementation max-trick was not measured"])
    let format = finding { $0.formats = [.float32, .float16] }
    #expect(format.notMeasured == ["p:4:20: format float16 was not measured"])
    // Globs may match nothing by intention.
    #expect(finding { $0.implementations = ["mine", "lib*"] }.mistakes.isEmpty)
  }

  @Test("On a part of the policy, what is about other implementations is passed over, and told")
  func partialRuns() {
    let item = finding({ $0.implementations = ["mine", "other"] }, isPartial: true)
    #expect(item.mistakes.isEmpty && item.notMeasured.isEmpty)
    #expect(item.passedOver == ["p:4:20: implementation other"])
    let whole = finding({ $0.implementations = ["other"] }, isPartial: true)
    #expect(whole.passedOver == ["p:3:3: implementation other"])
    // All else stays a mistake.
    #expect(finding({ $0.families = ["norml-1"] }, isPartial: true).mistakes.count == 1)
  }

  @Test("Budgets, laws and exclusions that later rules overrule everywhere are found")
  func overruled() {
    let policy = Policy(
      name: "p",
      rules: [
        rule("a/b") {
          $0.budgets = [.init(.maxUlp, .number(1)), .init(.meanUlp, .number(1))]
          $0.laws = .init(text: "", names: ["axis"])
          $0.places = ["max-ulp": PolicyPlace(line: 2, column: 5)]
        },
        rule(line: 5) {
          $0.budgets = [.init(.maxUlp, .number(2))]
          $0.laws = .init(text: "", names: ["range"])
        },
        rule(line: 7, "c") { $0.isExclusion = true },
        rule(line: 9, "a/b") {
          $0.expectedFailures = [.init("sum-error", PolicyPlace(line: 9, column: 22))]
        },
      ])
    var coverage = PolicyCoverage(policy)
    coverage.add(cell)
    coverage.add(scope)
    coverage.add(RowScope(implementation: "c", input: .float32, output: .float32))
    let mistakes = coverage.finding(.init(place: "this run")).mistakes
    #expect(mistakes.count == 3, "\(mistakes)")
    #expect(mistakes[0].place == PolicyPlace(line: 2, column: 5))
    #expect(mistakes[1].message.hasPrefix("laws decides nothing"))
    #expect(mistakes[2].place == PolicyPlace(line: 9, column: 22))
  }
}
