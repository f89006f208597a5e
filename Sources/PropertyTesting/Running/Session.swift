/// A run in progress: hands out the cases in batches, takes their tallies back in order, and
/// concludes.
///
/// Whoever drives it decides how the cases of a batch are run, one after the other or at once; the
/// outcome is the same.
struct Session<Value: Sendable> {
  /// Cases that can be run without knowing the outcome of others.
  enum Job: Sendable {
    case random(Int)
    case island(Int)
  }

  private static var batchSize: Int { 64 }

  private let property: Property<Value>
  private let configuration: RunConfiguration
  private let store: any FailureStore<Value>
  private let executor: CaseExecutor<Value>
  private var tally = CaseTally<Value>()
  private var problems: [HealthProblem] = []
  private var nextCase = 0
  private var hasSentIslands = false
  private var hasStoredFailure = false

  init(
    _ property: Property<Value>, configuration: RunConfiguration, store: any FailureStore<Value>
  ) {
    self.property = property
    self.configuration = configuration
    self.store = store
    executor = CaseExecutor(property: property, choiceLimit: configuration.choiceLimit)
  }

  // MARK: Cases

  /// Runs the cases that stand first: stored failures, examples, the simplest value, edges.
  mutating func runKnownCases() {
    if configuration.phases.contains(.regressions) { runRegressions() }
    if configuration.phases.contains(.examples) { runExamples() }
    storeFirstFailure()
  }

  private mutating func runRegressions() {
    for (number, stored) in store.cases(of: property.name).enumerated() where !isOver {
      switch stored {
      case .value(let value): tally.add(executor.run(value: value), .regressions, number: number)
      case .choices(let choices):
        let run = executor.run(replaying: choices)
        tally.add(run, .regressions, number: number)
        if run.value == nil || !run.took(choices) {
          complain(
            .staleRegression, "stored case \(number) can no longer be made by the generator")
        }
      }
    }
  }

  private mutating func runExamples() {
    for (number, value) in property.examples.enumerated() where !isOver {
      tally.add(executor.run(value: value), .examples, number: number)
    }
    let first = property.examples.count
    if !isOver { tally.add(executor.run(then: .simplest), .examples, number: first) }
    for number in 0..<configuration.edgeCases where !isOver {
      tally.add(executor.run(then: .edges(number)), .examples, number: first + 1 + number)
    }
  }

  /// The next cases to run; nil when there are no more.
  mutating func nextBatch() -> [Job]? {
    guard !isOver else { return nil }
    if configuration.phases.contains(.random), nextCase < configuration.cases, isHealthy() {
      let end = min(nextCase + Self.batchSize, configuration.cases)
      defer { nextCase = end }
      return (nextCase..<end).map { .random($0) }
    }
    if configuration.phases.contains(.target), configuration.islands > 0, !hasSentIslands,
      isHealthy()
    {
      hasSentIslands = true
      return (0..<configuration.islands).map { .island($0) }
    }
    return nil
  }

  /// Something that runs jobs, on any thread.
  var worker: @Sendable (Job) -> CaseTally<Value> {
    let executor = executor
    let configuration = configuration
    return { job in
      switch job {
      case .random(let number):
        let random = CounterGenerator(seed: configuration.seed, stream: "random/\(number)")
        var tally = CaseTally<Value>()
        tally.add(executor.run(then: .random(random)), .random, number: number)
        return tally
      case .island(let number):
        var island = Island(number: number, executor: executor, configuration: configuration)
        return island.explore()
      }
    }
  }

  /// Takes the tallies of a batch, in the order of its jobs.
  mutating func absorb(_ tallies: [CaseTally<Value>]) {
    // What comes after the end of the run was run in vain; whether it was depends on the threads,
    // so it is not counted.
    for later in tallies where !isOver { tally.merge(later) }
    storeFirstFailure()
  }

  private var isOver: Bool { !configuration.searchesForWorst && tally.firstFailure != nil }

  private mutating func storeFirstFailure() {
    guard !hasStoredFailure, let first = tally.firstFailure else { return }
    hasStoredFailure = true
    record(first, .found)
  }

  private func record(_ entry: CaseTally<Value>.Entry, _ stage: FailureStage) {
    guard let witness = Witness(entry.run, origin: entry.origin) else { return }
    store.record(witness, of: property.name, stage: stage)
  }

  // MARK: Health

  private mutating func complain(_ name: HealthProblem.Name, _ explanation: String) {
    guard !configuration.suppressed.contains(name) else { return }
    let problem = HealthProblem(name: name, explanation: explanation)
    if !problems.contains(problem) { problems.append(problem) }
  }

  /// Whether more random cases are worth their while.
  private mutating func isHealthy() -> Bool {
    let counts = tally.counts[.random] ?? CaseCounts()
    if counts.discarded > 10 * counts.checked + 50 {
      complain(
        .tooManyDiscards,
        "\(counts.discarded) of \(counts.all) random cases were discarded; make a generator that "
          + "needs no filter")
      return configuration.suppressed.contains(.tooManyDiscards)
    }
    if counts.overran > counts.checked + 10 {
      complain(
        .dataTooLarge,
        "\(counts.overran) of \(counts.all) random cases needed more than "
          + "\(configuration.choiceLimit) choices; make smaller values, or raise the limit")
      return configuration.suppressed.contains(.dataTooLarge)
    }
    return true
  }

  // MARK: Conclusion

  /// Shrinks and explains what failed, and sums up.
  mutating func conclude() -> RunReport<Value> {
    _ = isHealthy()
    var report = RunReport<Value>()
    report.counts = tally.counts
    report.labels = tally.labels
    report.events = tally.events
    report.highest = witness(tally.highest)
    let randomCases = tally.counts[.random]?.checked ?? 0
    report.coverage = property.coverage.map { requirement in
      CoverageResult(
        requirement: requirement, labelled: tally.labels[requirement.label] ?? 0,
        cases: randomCases)
    }
    if tally.firstFailure != nil {
      report.conclusion = reportFailure(in: &report)
    } else {
      if report.total.checked == 0 { complain(.nothingTested, "not one case was checked") }
      let isCovered = !report.coverage.contains { $0.judgement == .missed }
      report.conclusion = problems.isEmpty && isCovered ? .passed : .inconclusive
    }
    report.healthProblems = problems
    return report
  }

  private func witness(_ entry: CaseTally<Value>.Entry?) -> Witness<Value>? {
    entry.flatMap { Witness($0.run, origin: $0.origin) }
  }

  private mutating func reportFailure(
    in report: inout RunReport<Value>
  ) -> RunReport<Value>.Conclusion {
    guard let first = tally.firstFailure else { return .passed }
    report.found = witness(first)
    report.worst = witness(tally.worstFailure)
    if let worst = tally.worstFailure {
      record(worst, .worst)
      if !failsAgain(worst) { complainOfNondeterminism(worst) }
    }
    guard failsAgain(first) else {
      complainOfNondeterminism(first)
      report.simplest = report.found
      return .nondeterministic
    }
    var simplest = first
    if !first.run.isGenerated, let generated = tally.firstGeneratedFailure,
      generated.run.failureKind == first.run.failureKind, failsAgain(generated)
    {
      simplest = generated
    }
    if configuration.phases.contains(.shrink), simplest.run.isGenerated {
      let shrunk = shrink(simplest, least: nil)
      report.shrinking = shrunk.statistics
      simplest = .init(run: shrunk.best, origin: simplest.origin)
    }
    report.simplest = witness(simplest)
    record(simplest, .simplest)
    guard failsAgain(simplest) else {
      complainOfNondeterminism(simplest)
      return .nondeterministic
    }
    report.severe = severeWitness()
    if configuration.phases.contains(.explain), simplest.run.isGenerated {
      var explanation = Explanation(
        simplest.run, executor: executor, configuration: configuration)
      report.explanation = explanation.irrelevantChoices()
    }
    return .failed
  }

  /// Shrinks the worst failure as far as its score stays high.
  private func severeWitness() -> Witness<Value>? {
    guard let share = configuration.severeShare, configuration.phases.contains(.shrink),
      let worst = tally.worstFailure, let score = worst.run.observations.score, score > 0,
      worst.run.isGenerated
    else { return nil }
    let severe = CaseTally.Entry(
      run: shrink(worst, least: share * score).best, origin: worst.origin)
    record(severe, .severe)
    return witness(severe)
  }

  /// Shrinks a failure to a simpler one of its kind, which scores no less than `least`.
  private func shrink(_ entry: CaseTally<Value>.Entry, least: Double?) -> Shrinker<Value> {
    let kind = entry.run.failureKind
    var shrinker = Shrinker(
      entry.run, executor: executor, callLimit: configuration.shrinkCalls,
      workLimit: configuration.shrinkWork ?? .max,
      accepts: { run in
        guard run.failureKind == kind else { return false }
        guard let least else { return true }
        return (run.observations.score ?? -.infinity) >= least
      },
      onImprovement: {
        if least == nil { record(.init(run: $0, origin: entry.origin), .shrinking) }
      })
    shrinker.shrink()
    return shrinker
  }

  /// Whether a failing case fails once more in the same way.
  private func failsAgain(_ entry: CaseTally<Value>.Entry) -> Bool {
    let again: CaseRun<Value>
    if entry.run.isGenerated {
      again = executor.run(replaying: entry.run.choices.map(\.value))
    } else if let value = entry.run.value {
      again = executor.run(value: value)
    } else {
      return false
    }
    return again.failureKind == entry.run.failureKind
  }

  private mutating func complainOfNondeterminism(_ entry: CaseTally<Value>.Entry) {
    complain(
      .nondeterministic,
      "case \(entry.origin.number) of the \(entry.origin.phase.rawValue) phase failed, and did not "
        + "fail in the same way when it was run again")
  }
}
