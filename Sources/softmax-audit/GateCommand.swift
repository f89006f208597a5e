import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Audits
import Basics
import FaultySoftmaxes
import FloatFormats
import Foundation
import Oracle
import Policies
import PolicyFiles
import SoftmaxVariants

struct GateCommand: ImplementationCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Audits and checks what a policy asks for, and says whether it holds.",
    discussion: """
      The policy is a YAML file with rules: which implementations, formats, families and lengths, which budgets and \
      laws, and why. The last rule that speaks of a figure decides it. scripts/examples/gate has policies to start from.

      Without options about implementations, the policy says which built-in ones are measured. With implementations from \
      outside, those are, and the built-in ones that rules need besides.

      Examples:
        softmax-audit gate --policy policy.yaml
        softmax-audit gate --policy policy.yaml --plugin libmine.so --junit gate.xml
        softmax-audit gate --policy policy.yaml --plugin libone.so --partial
        softmax-audit gate --policy policy.yaml --results audit.json --results check.json
      """)

  @Option(name: .long, help: ArgumentHelp("The policy.", valueName: "file"))
  var policy: String

  @OptionGroup(title: "What to audit")
  var subjects: ImplementationOptions

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Judge these results instead of measuring; what the policy would have measured and they lack "
        + "is not measured (repeatable: audit and check, or all shards of a run).",
      valueName: "file"))
  var results: [String] = []

  @OptionGroup
  var threads: ThreadOptions

  @OptionGroup
  var oracle: OracleOptions

  @OptionGroup
  var output: GateOutput

  @Flag(
    name: .long,
    help: "Try the budgets on faulty implementations, and name those that would get past each.")
  var vacuity = false

  @Flag(
    name: .long,
    help: "The same, and fail where nothing in the policy would catch one of them.")
  var forbidVacuous = false

  @Flag(
    name: .long,
    help: "Judge the named implementations alone; rules about others are passed over, and told.")
  var partial = false

  @OptionGroup(title: "Baselines")
  var baselines: BaselineOptions

  private var quiet: Bool { output.output.quiet }

  func runInTime() async throws {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    try OutputPlaces(
      files: output.files + [("--write-baseline", baselines.writeBaseline)],
      inputs: [policy] + results + subjects.files
    ).check(&mistakes)
    if !results.isEmpty {
      if !subjects.isEmpty || threads.threads != nil || oracle.oracle != nil {
        mistakes.add(
          .usage,
          "--results are measured already; leave the options about implementations, --threads and --oracle out"
        )
      }
      if vacuity || forbidVacuous {
        mistakes.add(
          .usage,
          "--vacuity and --forbid-vacuous measure faulty implementations; leave --results out"
        )
      }
    }
    if partial, results.isEmpty, subjects.namesNothing {
      mistakes.add(
        .usage,
        "--partial judges the implementations that are named; name some with --plugin, --python, --library, --onnx or --implementation"
      )
    }
    try baselines.check(&mistakes)
    let isUsable = mistakes.errors.isEmpty
    do {
      let policy = try mistakes.collect {
        try PolicyFile.read(contentsOf: self.policy, numbers: NumberFile.namedByPolicy)
      }
      try await judge(by: mistakes.require(policy))
    } catch let error where isUsable && GateOutput.isVerdict(error) {
      // Servers show what the files hold: a red job without them is a riddle.
      let gate = GateOutput.verdict(for: error, policy: policy)
      var results = AuditResults(
        .ofThisRun(tier: oracle.tier, threads: threads.count), seed: RunSeed.standard)
      results.gate = gate
      try output.write(results, gate, policy: policy)
      try output.tellServer(gate, policy: policy)
      throw error
    }
  }

  /// Judges, writes what came of it, and leaves with the status for it.
  private func judge(by policy: Policy) async throws {
    let measured =
      results.isEmpty ? try await measure(policy) : try read(results, for: policy)
    let baseline = Baseline(
      origin: .init(
        tool: "\(measured.results.tool.name) \(measured.results.tool.version)",
        platform: measured.results.environment.platform))
    var gate = measured.verdict(by: policy)
    if let plan = measured.plan, vacuity || forbidVacuous {
      let trial = BudgetTrial(policy, plan, threads: threads.count)
      gate = try await trial.run(on: gate)
      if forbidVacuous {
        gate.failVacuousBudgets()
        gate.add(notMeasured: [trial.untried].compactMap { $0 })
      }
    }
    gate.notes += baseline.remarks(on: policy)
    var notes: [String] = []
    if let moved = try baselines.request?.apply(
      to: policy, at: self.policy, gate, baseline,
      families: measured.cells.map(\.family).uniqued(),
      judge: { measured.verdict(by: $0) }, numbers: NumberFile.namedByPolicy,
      note: { notes.append($0) })
    {
      gate = measured.verdict(by: moved)
    }
    gate.notes += notes
    gate.policyDigest = policy.digest

    var outcome = measured.results
    outcome.gate = gate
    try output.write(outcome, gate, policy: self.policy)
    if !quiet { try Console.print(GateTextReport.render(gate)) }
    try output.tellServer(gate, policy: self.policy)
    try RunOutcome(of: gate).leave(quietly: quiet)
  }

  /// Results that can be judged, and judged again by another policy.
  private struct Measured {
    var results: AuditResults
    var cells: [PolicyCell]
    var scopes: [RowScope]
    /// The plan of the measurement for the policy; `nil` where the results come from a file.
    var plan: GatePlan?
    /// For results from a file, what would have been measured for the policy.
    var wanted: [PolicyCell: Int] = [:]
    var implementations: [String]
    /// The things known not to be measured, one sentence each.
    var notMeasured: [String]
    /// Further notes for the reader, one sentence each.
    var notes: [String] = []
    var words: @Sendable (String) -> [String]?

    func verdict(by policy: Policy) -> GateResult {
      var verdict = Gate(policy, words: words).judge(
        accuracy: results.accuracy, properties: results.properties, cells: cells, scopes: scopes,
        run: plan == nil ? results : nil, wanted: wanted, implementations: implementations)
      verdict.add(notMeasured: notMeasured)
      verdict.notes += notes
      return verdict
    }
  }

  /// The content of files.
  private func read(_ paths: [String], for policy: Policy) throws -> Measured {
    var remarks: [String] = []
    let results = try RecordedResults.joined(
      paths.map { path in (path, try ResultsFile.read(path) { remarks.append($0) }) })
    let recorded = RecordedImplementation.all(in: results)
    // Saved outputs are all that there is of what computed them: nobody could have asked it for
    // more.
    let isSaved = results.command.hasPrefix("softmax-audit verify")
    let asked = GatePlan(policy, implementations: isSaved ? [] : recorded) {
      ["--implementation", $0]
    }
    let cells = (results.accuracy.map(\.cell) + asked.cells).uniqued()
    let scopes =
      (cells.map(\.scope) + results.properties.map(\.scope)).uniqued()
    let coverage = try coverage(
      of: policy, cells: cells, scopes: scopes, place: paths.joined(separator: " and "))
    let builtIn = Set(Self.builtIns.map(\.name))
    return Measured(
      results: results, cells: cells, scopes: scopes, plan: nil, wanted: asked.wanted,
      implementations: scopes.map(\.subject), notMeasured: coverage.notMeasured,
      notes: remarks + notes(on: coverage)
        + recorded.compactMap { $0.unmeasuredFormats(beside: scopes) },
      words: { builtIn.contains($0) ? ["--implementation", $0] : nil })
  }

  /// Measures what the policy asks for.
  private func measure(_ policy: Policy) async throws -> Measured {
    let selected = try GateSelection(subjects, policy, isPartial: partial)
    selected.sayHowCalled(quietly: quiet)
    let plan = GatePlan(
      policy, implementations: selected.implementations, threads: threads.count,
      oracleTier: oracle.tier, words: { selected.words(for: $0) })
    let coverage = try coverage(
      of: policy, cells: plan.cells, scopes: plan.scopes, place: "this run",
      mayBeMissing: !selected.notMeasured.isEmpty)
    try plan.checkCells(for: policy)
    let progress = Progress(isQuiet: quiet, what: "cells and laws")
    for (limit, families) in Dictionary(grouping: plan.leftOut, by: \.largestLogit)
      .sorted(by: { $0.key < $1.key }) where !quiet
    {
      Console.note(LogitLimit.notAsked(limit, leftOut: families.map(\.family)))
    }
    let (accuracy, properties, history) = try await plan.run { progress.show($0, of: $1) }
    progress.finish()
    var results = AuditResults(
      .ofThisRun(
        tier: oracle.tier, threads: threads.count, implementations: selected.implementations),
      seed: policy.defaults.seed ?? RunSeed.standard, accuracy: accuracy)
    results.properties = properties
    let defaults = policy.defaults
    results.judging = MeasurementJudging(
      judge: .tolerance, declare: defaults.declare?.name, underflow: defaults.underflow,
      specialLanes: defaults.specialLanes?.description,
      largestLogit: defaults.largestLogit.map { Figure($0) })
    results.checking = LawJudging(
      effort: defaults.effort ?? 1, declare: defaults.declare?.name, underflow: defaults.underflow,
      specialLanes: defaults.specialLanes?.description, largestLogit: defaults.largestLogit)
    let measured =
      accuracy.map(\.scope) + properties.map(\.scope)
    let others =
      selected.implementations.compactMap { $0.unmeasuredFormats(beside: measured) }
      + (subjects.operations.operation == nil
        ? selected.implementations.compactMap(\.unmeasuredOperations) : [])
    return Measured(
      results: results, cells: plan.cells, scopes: plan.scopes, plan: plan,
      implementations: selected.implementations.flatMap { implementation in
        implementation.formats.map { RowScope(implementation, input: $0).subject }
      },
      notMeasured: selected.notMeasured + coverage.notMeasured
        + plan.scopes.compactMap { policy.unfitModel(in: $0) }.uniqued(),
      notes: notes(on: coverage) + others + history,
      words: { selected.words(for: $0) })
  }

  /// The selections of the policy, held against all that there is.
  ///
  /// - Throws: ``PolicyMistakes`` for what selects nothing that there is at all.
  private func coverage(
    of policy: Policy, cells: [PolicyCell], scopes: [RowScope], place: String,
    mayBeMissing: Bool = false
  ) throws -> PolicyCoverage.Finding {
    var surroundings = PolicyCoverage.Surroundings(place: place)
    surroundings.mayBeMissing = mayBeMissing
    surroundings.isPartial = partial
    surroundings.available = Self.builtIns
    return try PolicyCoverage.finding(of: policy, cells: cells, scopes: scopes, surroundings)
  }

  /// The built-in implementations of every operation.
  private static let builtIns = AuditedOperation.all.flatMap { BuiltInImplementation.all(of: $0) }

  /// The notes for the reader of a gate on a part of the policy.
  private func notes(on coverage: PolicyCoverage.Finding) -> [String] {
    coverage.passedOver.map { "not part of this run (--partial): \($0)" }
  }
}
