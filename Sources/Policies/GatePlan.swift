import AuditRecords
import AuditedOperations
import Audits
import Basics
import ErrorMeasurement
import FloatFormats
import Laws
import LogitFamilies
import Oracle
import SoftmaxVariants

/// The runs for a policy: as few audits and checks as its settings allow.
package struct GatePlan: Sendable {
  /// Cells that are measured in the same way by the same implementations.
  package private(set) var audits: [AuditPlan] = []
  /// Laws that are checked in the same way on the same implementations, and what hosts look at by
  /// themselves.
  package private(set) var checks: [(plan: CheckPlan, inspections: Set<String>)] = []
  /// All cells that the implementations have, in order, whether the policy asks for them or not.
  package private(set) var cells: [PolicyCell] = []
  /// The families that have logits beyond those asked about, at some length, and the limit.
  package private(set) var leftOut: [(family: String, largestLogit: Double)] = []
  /// All scopes that the implementations have.
  package private(set) var scopes: [RowScope] = []

  private struct Measured: Hashable {
    var settings: PolicySettings
    var format: FloatFormat
    /// Nil for the default of the implementations.
    var output: FloatFormat?
    var parameters: PolicyParameters
    var implementations: [Int]
  }

  private struct Source: Hashable {
    var isOfAttention: Bool
    var family: String
    var length: Int
    var samples: Int?
  }

  private struct Checked: Hashable {
    var settings: PolicySettings
    var format: FloatFormat
    var output: FloatFormat?
    var parameters: PolicyParameters
    var laws: [String]
    var literal: Set<String>
  }

  /// The plan for a policy.
  ///
  /// - Parameters:
  ///   - words: The words of a command line that select an implementation.
  package init(
    _ policy: Policy, implementations: [any SoftmaxImplementation], threads: Int = 1,
    oracleTier: OracleTier = .filtered, words: @escaping @Sendable (String) -> [String]
  ) {
    var order = Ordered<Measured, (Source, any InputFamily)>()
    var checked = Ordered<Checked, Int>()
    for format in Self.inputs(policy) {
      let offering = implementations.indices.filter {
        implementations[$0].formats.contains(format)
      }
      for (output, parameters) in Self.calls(policy) {
        var askers: [Source: (family: any InputFamily, bySettings: [(PolicySettings, [Int])])] =
          [:]
        var sources: [Source] = []
        for index in offering {
          let scope = RowScope(
            implementations[index], input: format, output: output, parameters: parameters.row)
          // Calls with parameters are there for those alone who ask for them.
          if parameters != .none,
            !(parameters.areTaken(by: scope.operation)
              && policy.rules.contains { $0.selector.matches(scope) })
          {
            continue
          }
          // The default is planned as such; asked for by name it is the same cell. Any other is
          // there for those alone who ask for it by name.
          if let output {
            let isDefault = output == implementations[index].defaultOutputFormat(for: format)
            let isNamed = policy.rules.contains {
              $0.selector.outputFormats.contains(output) && $0.selector.matches(scope)
            }
            if isDefault || !isNamed { continue }
          }
          scopes.append(scope)
          let laws = policy.questions(for: scope).laws
          if !laws.isEmpty {
            var settings = policy.settings(for: scope)
            settings.samples = nil
            checked.append(
              index,
              to: Checked(
                settings: settings, format: format, output: output, parameters: parameters,
                laws: laws.map(\.law),
                literal: Set(laws.filter(\.isLiteral).map(\.law))))
          }
          for family in AuditPlan.families(of: scope.operation) where family.applies(to: format) {
            for length in Self.lengths(policy, scope, family, implementations[index].askedDomain)
            where implementations[index].askedDomain.includes(family, as: format, length: length) {
              let cell = PolicyCell(scope, family: family.name, length: length)
              if let largest = policy.settings(for: cell).largestLogit,
                !family.staysWithin(largest, as: format, length: length)
              {
                if !leftOut.contains(where: { $0 == (family.name, largest) }) {
                  leftOut.append((family.name, largest))
                }
                continue
              }
              cells.append(cell)
              guard policy.questions(for: cell).needsMeasurement else { continue }
              var settings = policy.settings(for: cell)
              let source = Source(
                isOfAttention: scope.operation == .attention, family: family.name, length: length,
                samples: settings.samples)
              settings.samples = nil
              settings.effort = nil
              if askers[source] == nil {
                sources.append(source)
                askers[source] = (family, [])
              }
              var groups = askers[source]?.bySettings ?? []
              if let place = groups.firstIndex(where: { $0.0 == settings }) {
                groups[place].1.append(index)
              } else {
                groups.append((settings, [index]))
              }
              askers[source]?.bySettings = groups
            }
          }
        }
        for source in sources {
          guard let asker = askers[source] else { continue }
          for (settings, group) in asker.bySettings {
            order.append(
              (source, asker.family),
              to: Measured(
                settings: settings, format: format, output: output, parameters: parameters,
                implementations: group))
          }
        }
      }
    }
    audits = order.groups.map { key, sources in
      let isFromOutside = key.implementations.contains {
        !implementations[$0].isBuiltIn
      }
      var plan = AuditPlan(
        implementations: key.implementations.map { implementations[$0] },
        cells: sources.map { source, family in
          AuditPlan.Cell(
            format: key.format,
            source: family.source(
              length: source.length,
              samples: source.samples
                ?? family.usualSamples(length: source.length, isFromOutside: isFromOutside)))
        }, outputFormat: key.output, seed: key.settings.seed ?? RunSeed.standard,
        threads: threads, settings: key.settings.measurement)
      plan.oracleTier = oracleTier
      plan.modifiers = [key.format: key.parameters.modifiers]
      plan.loss = [key.format: key.parameters.loss]
      plan.settings.measuresConsequences = plan.implementations.contains {
        policy.budgetsConsequences(of: $0.operation)
      }
      return plan
    }
    checks = checked.groups.map { key, indices in
      var plan = CheckPlan(
        implementations: indices.map { implementations[$0] }, formats: [key.format],
        outputFormat: key.output, laws: Law.all.filter { key.laws.contains($0.name) },
        seed: key.settings.seed ?? RunSeed.standard, effort: key.settings.effort ?? 1,
        threads: threads, settings: key.settings.check(with: key.parameters))
      plan.namedLaws = key.literal
      let (settings, parameters) = (key.settings, key.parameters.row?.words ?? [])
      plan.command = { subject, law in
        ReplayCommandLine.check(
          law.name, of: subject.operation, input: subject.input, output: subject.output,
          judging: settings.judging() + parameters, selection: words(subject.name))
      }
      return (plan, Set(key.laws).intersection(Inspection.statements.keys))
    }
  }

  /// The cells that are measured, with their numbers of lanes.
  package var wanted: [PolicyCell: Int] {
    var wanted: [PolicyCell: Int] = [:]
    for audit in audits {
      for implementation in audit.implementations {
        for cell in audit.cells where implementation.formats.contains(cell.format) {
          guard let (length, samples) = cell.source.size else { continue }
          let scope = audit.scope(of: implementation, in: cell.format)
          wanted[PolicyCell(scope, family: cell.source.name, length: length)] = samples
        }
      }
    }
    return wanted
  }

  /// Runs everything.
  ///
  /// - Parameter progress: Called with the number of cells and laws done and the number of all.
  /// - Returns: The rows, by implementation, then as they were planned, and a sentence on each
  ///   implementation whose failures depend on the calls before.
  package func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> (accuracy: [AccuracyRow], properties: [PropertyRow], history: [String]) {
    let cells = audits.reduce(0) { $0 + $1.cells.count }
    let total = cells + checks.reduce(0) { $0 + $1.plan.units.count }
    var done = 0
    var accuracy: [AccuracyRow] = []
    var history: [String] = []
    for plan in audits {
      let before = done
      let rows = try await Audit(plan).run { part, _ in progress(before + part, total) }
      history += try await HistoryDependence(plan, isOneOfSeveral: audits.count > 1)
        .sentences(about: rows)
      accuracy += rows
      done += plan.cells.count
    }
    var properties: [PropertyRow] = []
    for (plan, inspections) in checks {
      let before = done
      properties += try await Check(plan).run { part, _ in progress(before + part, total) }
      properties += try Check(plan).inspect(inspections)
      done += plan.units.count
    }
    return (accuracy, properties, history.uniqued())
  }

  /// The output formats and parameters to try: the default of each implementation and those that
  /// rules name, with usual parameters and those of rules.
  private static func calls(
    _ policy: Policy
  ) -> [(output: FloatFormat?, parameters: PolicyParameters)] {
    let parameters = ([.none] + policy.rules.map(\.selector.parameters)).uniqued()
    return outputs(policy).flatMap { output in parameters.map { (output, $0) } }
  }

  /// The output formats to try: the default of each implementation, and those that rules name.
  private static func outputs(_ policy: Policy) -> [FloatFormat?] {
    let named = policy.rules.flatMap(\.selector.outputFormats)
    return [nil] + FloatFormat.everyOne.filter { named.contains($0) }
  }

  /// The input formats to try: those of every run, and those that rules name.
  private static func inputs(_ policy: Policy) -> [FloatFormat] {
    let named = policy.rules.flatMap(\.selector.formats)
    return FloatFormat.everyOne.filter { FloatFormat.allCases.contains($0) || named.contains($0) }
  }

  /// The lengths of a family: the usual ones, and those that rules name.
  private static func lengths(
    _ policy: Policy, _ scope: RowScope, _ family: any InputFamily, _ domain: InputDomain
  ) -> [Int] {
    let usual = domain.fitted(family.usualLengths)
    let named = policy.rules.filter {
      $0.selector.matches(scope) && $0.selector.matches(family: family.name)
    }.flatMap(\.selector.lengths).filter { $0.comparison == .equal }.map(\.length)
    return Set(usual + named).sorted()
  }
}

/// Groups in the order of their first members.
private struct Ordered<Key: Hashable, Member> {
  private(set) var groups: [(key: Key, members: [Member])] = []
  private var places: [Key: Int] = [:]

  mutating func append(_ member: Member, to key: Key) {
    if let place = places[key] {
      groups[place].members.append(member)
    } else {
      places[key] = groups.count
      groups.append((key, [member]))
    }
  }
}

extension GatePlan {
  /// Makes sure that no cell which a policy asks for has more logits than fit into memory, and that
  /// masks, sinks and weights fit it.
  ///
  /// - Throws: ``PolicyMistakes`` with the place of the samples, or of the rule.
  package func checkCells(for policy: Policy) throws(PolicyMistakes) {
    for audit in audits {
      for cell in audit.cells {
        try Self.checkParameters(of: cell, audit, policy)
        guard let (length, samples) = cell.source.size,
          length.multipliedReportingOverflow(by: samples).partialValue > AuditPlan.largestCell
        else { continue }
        let family = cell.source.name
        let rule = policy.rules.last {
          $0.settings.samples != nil && $0.selector.matches(family: family)
            && $0.selector.matches(length: length)
        }
        let place =
          rule?.place(of: "samples") ?? policy.places["samples"] ?? PolicyPlace(line: 1, column: 1)
        throw PolicyMistakes(
          name: policy.name,
          mistakes: [
            PolicyMistake(
              place,
              "samples is \(samples); with length \(length) the family \(family) has more than \(AuditPlan.largestCell) logits, fewer are expected"
            )
          ])
      }
    }
  }

  /// Makes sure that masks, sinks and weights fit a cell.
  private static func checkParameters(
    of cell: AuditPlan.Cell, _ audit: AuditPlan, _ policy: Policy
  ) throws(PolicyMistakes) {
    let asked = PolicyParameters(
      audit.modifiers[cell.format] ?? .none, audit.loss[cell.format] ?? .none)
    do {
      try cell.check(asked.modifiers, asked.loss)
    } catch {
      let rule = policy.rules.first { $0.selector.parameters == asked }
      let message = (error as? UserError)?.message ?? "\(error)"
      throw PolicyMistakes(
        name: policy.name,
        mistakes: [
          PolicyMistake(
            rule?.place ?? PolicyPlace(line: 1, column: 1),
            "\(cell.source.name) in \(cell.format.rawValue): \(message)")
        ])
    }
  }
}
