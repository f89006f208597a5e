import AuditRecords
import AuditedOperations
import Audits
import Basics
import ErrorMeasurement
import FloatFormats
import Laws
import LogitFamilies
import Policies
import SoftmaxVariants

/// The budgets of a policy on trial: which faulty implementations would get past them.
///
/// Each fault stands in for the implementation under a budget, on the same cells. Only faults that
/// show there count: those with an error beyond the default tolerance, which any sound softmax
/// keeps to. One that shows and stays within a budget gets past it. Where no other budget catches
/// it and no law that the policy demands, the budget is vacuous.
package struct BudgetTrial: Sendable {
  private let policy: Policy
  private let plan: GatePlan
  private let threads: Int

  package init(_ policy: Policy, _ plan: GatePlan, threads: Int = 1) {
    self.policy = policy
    self.plan = plan
    self.threads = threads
  }

  /// The faults that stand in for an implementation: those of its operation.
  private func faults(of scope: RowScope) -> [FaultySoftmax] {
    FaultySoftmax.all(of: scope.operation)
  }

  /// A budget on one implementation.
  private struct Budget: Hashable {
    var question: Policy.Question
    var scope: RowScope
  }

  /// The fate of the faults under a budget.
  private struct Outcome {
    var shown: Set<String> = []
    var exceeding: Set<String> = []
    var longestLane = 0
    var past: Set<String> { shown.subtracting(exceeding) }
  }

  /// The judgements with what gets past each, and what nothing catches.
  package func run(on gate: GateResult) async throws -> GateResult {
    var outcomes: [Budget: Outcome] = [:]
    // Wherever anything is judged, mismatches are.
    var mismatching: [RowScope: Set<String>] = [:]
    for whole in plan.audits {
      let tried = whole.implementations.filter { isTried($0, in: whole) }
      for operation in AuditedOperation.all {
        var audit = whole
        audit.implementations = tried.filter { $0.operation == operation }
        guard !audit.implementations.isEmpty else { continue }
        try await measure(
          audit, FaultySoftmax.all(of: operation), into: &outcomes, &mismatching)
      }
    }
    var result = gate
    if let untried { result.notes.append(untried) }
    let exceeding = Dictionary(grouping: outcomes, by: \.key.scope).mapValues { budgets in
      budgets.reduce(into: Set<String>()) { $0.formUnion($1.value.exceeding) }
    }
    var caught: [RowScope: Set<String>] = [:]
    for (budget, outcome) in outcomes {
      let known = mismatching[budget.scope] ?? []
      let past = outcome.past.subtracting(known)
      let uncaught = past.subtracting(exceeding[budget.scope] ?? [])
        .subtracting(caught[budget.scope] ?? [])
      if !uncaught.isEmpty {
        caught[budget.scope, default: []].formUnion(
          try await caughtByLaws(uncaught, in: budget.scope))
      }
    }
    for index in result.judgements.indices where !result.judgements[index].isLaw {
      let judgement = result.judgements[index]
      guard
        let (budget, outcome) = outcomes.first(where: { matches($0.key, judgement) })
      else { continue }
      let past = outcome.past.subtracting(mismatching[budget.scope] ?? [])
      let uncaught = past.subtracting(exceeding[budget.scope] ?? [])
        .subtracting(caught[budget.scope] ?? [])
      let faults = faults(of: budget.scope)
      let tried = faults.filter { $0.formats.contains(budget.scope.input) }.map(\.name)
      let seen = outcome.exceeding.union(mismatching[budget.scope] ?? [])
      result.judgements[index].coverage = .init(
        tried: UInt64(tried.count), caught: UInt64(tried.count(where: seen.contains)),
        longestLane: outcome.longestLane)
      result.judgements[index].letsThrough = faults.map(\.name).filter(past.contains)
      result.judgements[index].uncaught = faults.map(\.name).filter(uncaught.contains)
    }
    return result
  }

  /// A sentence on the implementations whose budgets nothing is tried on; `nil` where there are
  /// none.
  package var untried: String? {
    let others = plan.audits.flatMap { audit in
      audit.implementations.filter { !isTried($0, in: audit) }.map(\.operation.name)
    }
    guard !others.isEmpty else { return nil }
    return
      "budgets on \(Set(others).sorted().joined(separator: " and ")) with modifiers or parameters are tried on nothing: the faulty implementations are called without them"
  }

  /// Whether faults can stand for an implementation: they are called without modifiers and with the
  /// usual parameters.
  private func isTried(
    _ implementation: any SoftmaxImplementation, in audit: AuditPlan
  ) -> Bool {
    audit.cells.allSatisfy {
      audit.scope(of: implementation, in: $0.format).parameters == nil
    }
  }

  private func matches(_ budget: Budget, _ judgement: GateResult.Judgement) -> Bool {
    budget.question.rule == judgement.rule
      && budget.question.figure.rawValue == judgement.subject
      && budget.question.regime == judgement.regime
      && budget.question.limit.text == judgement.budget
      && budget.scope == judgement.scope
  }

  // MARK: Measuring

  /// One cell with what each implementation under audit is asked there.
  private struct Asked {
    var cell: AuditPlan.Cell
    var budgets: [Budget]
  }

  /// The figures of a fault in a cell, judged by the rules that any sound softmax keeps.
  private struct Shown {
    var cell: AuditPlan.Cell
    var row: AccuracyRow
    var budgets: [Budget]

    var ratio: Double { row.bound?.maxRatio?.value ?? 0 }
  }

  private func measure(
    _ audit: AuditPlan, _ faults: [FaultySoftmax], into outcomes: inout [Budget: Outcome],
    _ mismatching: inout [RowScope: Set<String>]
  ) async throws {
    guard let format = audit.cells.first?.format else { return }
    var settings = audit.settings
    // The same measure for all of them, whatever they claim.
    settings.declaredModel = nil
    settings.ignoresOwnModel = true
    var remaining = faults.filter { $0.formats.contains(format) }
    let scopes = audit.implementations.map { implementation in
      RowScope(implementation, input: format, output: audit.outputFormat)
    }
    let output = scopes.first?.output
    let asked = audit.cells.sorted(by: isCheaper).map { cell in
      Asked(
        cell: cell,
        budgets: scopes.flatMap { scope -> [Budget] in
          guard case .family(let family, let length, _) = cell.source else { return [] }
          return policy.questions(for: PolicyCell(scope, family: family.name, length: length))
            .questions.filter { $0.figure != .mismatches }
            .map { Budget(question: $0, scope: scope) }
        })
    }
    for one in asked {
      guard case .family(_, let length, _) = one.cell.source else { continue }
      for budget in one.budgets {
        let longest = max(outcomes[budget]?.longestLane ?? 0, length)
        outcomes[budget, default: .init()].longestLane = longest
      }
    }
    let numbers = Set(asked.flatMap(\.budgets)).filter { !$0.question.limit.isBound }
    var measured: [String: [Shown]] = [:]
    var start = 0
    while start < asked.count, !remaining.isEmpty {
      // Cheap cells settle most faults; what is settled is spared the others.
      let batch = asked[start..<min(asked.count, start + 16)]
      start += batch.count
      let plan = AuditPlan(
        implementations: remaining, cells: [], outputFormat: output, seed: audit.seed,
        settings: settings)
      for (place, rows) in try await self.rows(plan, cells: batch.map(\.cell)).enumerated() {
        let one = batch[batch.startIndex + place]
        for row in rows {
          if row.mismatchesInDomain > 0 || row.misconduct != nil {
            for scope in scopes {
              mismatching[scope, default: []].insert(row.implementation)
            }
          }
          let ratio = row.bound?.maxRatio?.value ?? 0
          measured[row.implementation, default: []].append(
            Shown(cell: one.cell, row: row, budgets: one.budgets))
          for budget in one.budgets {
            if !(ratio <= 1) { outcomes[budget, default: .init()].shown.insert(row.implementation) }
            if case .number(let limit) = budget.question.limit,
              exceeds(row, budget.question, limit, settings.underflow)
            {
              outcomes[budget, default: .init()].exceeding.insert(row.implementation)
            }
          }
        }
      }
      remaining.removeAll { fault in
        scopes.allSatisfy { mismatching[$0]?.contains(fault.name) == true }
          || (measured[fault.name] ?? []).contains { !($0.ratio <= 1) }
            && numbers.allSatisfy { outcomes[$0]?.exceeding.contains(fault.name) == true }
      }
    }
    try await judgeBounds(audit, measured, scopes, mismatching, into: &outcomes)
  }

  private func exceeds(
    _ row: AccuracyRow, _ question: Policy.Question, _ limit: Double, _ underflow: UnderflowPolicy?
  ) -> Bool {
    guard
      let value = question.figure.value(
        in: row, regime: question.regime, underflow: underflow ?? .gradual)
    else { return false }
    return question.figure.isFloor ? !(value >= limit) : !(value <= limit)
  }

  private func isCheaper(_ a: AuditPlan.Cell, _ b: AuditPlan.Cell) -> Bool {
    a.elementCount < b.elementCount
  }

  /// The rows of each cell; instances that remember earlier calls are new for each, so that threads
  /// change nothing.
  private func rows(_ plan: AuditPlan, cells: [AuditPlan.Cell]) async throws -> [[AccuracyRow]] {
    try await withThrowingTaskGroup(of: (Int, [AccuracyRow]).self) { group in
      var collected = [[AccuracyRow]](repeating: [], count: cells.count)
      var next = 0
      func add() {
        guard next < cells.count else { return }
        let place = next
        next += 1
        group.addTask {
          var own = plan
          own.cells = [cells[place]]
          own.implementations = try plan.implementations.map { try $0.renewed() }
          return (place, try await Audit(own).run())
        }
      }
      for _ in 0..<max(1, threads) { add() }
      while let (place, rows) = try await group.next() {
        collected[place] = rows
        add()
      }
      return collected
    }
  }

  /// Holds the faults that show against the bounds of the models that the implementations are
  /// judged by.
  private func judgeBounds(
    _ audit: AuditPlan, _ measured: [String: [Shown]], _ scopes: [RowScope],
    _ mismatching: [RowScope: Set<String>],
    into outcomes: inout [Budget: Outcome]
  ) async throws {
    for (scope, implementation) in zip(scopes, audit.implementations) {
      let model = LaneJudge(
        implementation, input: scope.input, output: scope.output, settings: audit.settings
      ).model
      for fault in faults(of: scope) where mismatching[scope]?.contains(fault.name) != true {
        // The cells where it shows most come first: one of them is usually enough.
        let cells = (measured[fault.name] ?? []).sorted { $0.ratio > $1.ratio }
        guard cells.contains(where: { !($0.ratio <= 1) }) else { continue }
        for shown in cells {
          let open = shown.budgets.filter {
            $0.scope == scope && $0.question.limit.isBound
              && outcomes[$0]?.exceeding.contains(fault.name) != true
          }
          guard !open.isEmpty else { continue }
          var row: AccuracyRow? = shown.row
          if let model {
            var settings = audit.settings
            settings.declaredModel = model
            let plan = AuditPlan(
              implementations: [fault], cells: [], outputFormat: scope.output, seed: audit.seed,
              settings: settings)
            row = try await rows(plan, cells: [shown.cell])[0].first
          }
          for budget in open {
            let value = row?.largestPartOfBound(in: budget.question.regime)?.value ?? 0
            if case .bound(let factor) = budget.question.limit, !(value <= factor) {
              outcomes[budget, default: .init()].exceeding.insert(fault.name)
            }
          }
        }
      }
    }
  }

  // MARK: Laws

  /// Those of some faults that break a law which the policy demands in a scope.
  private func caughtByLaws(
    _ names: Set<String>, in scope: RowScope
  ) async throws -> Set<String> {
    let demanded = policy.questions(for: scope).laws.filter { !$0.expectsFailure }.map(\.law)
    let laws = Law.all.filter { demanded.contains($0.name) && $0.grade != .informative }
    guard !laws.isEmpty else { return [] }
    let settings = policy.settings(for: scope)
    var check = settings.check()
    check.model = .none
    var plan = CheckPlan(
      implementations: faults(of: scope).filter { names.contains($0.name) }, formats: [scope.input],
      outputFormat: scope.output, laws: laws, seed: settings.seed ?? RunSeed.standard,
      effort: settings.effort ?? 1, threads: threads, settings: check)
    plan.stopsAtFirstFailure = true
    let rows = try await Check(plan).run()
    return Set(rows.filter { $0.verdict == .failed }.map(\.implementation))
  }
}

extension AuditPlan.Cell {
  /// The number of logits.
  fileprivate var elementCount: Int {
    guard case .family(_, let length, let samples) = source else { return 0 }
    return length * samples
  }
}
