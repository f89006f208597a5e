import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats
import Foundation
import Hunts
import Oracle

struct SearchCommand: DividedCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Hunts for the lane with the largest error.",
    discussion: """
      Lanes are bred for error: 64 islands, each with its own seed and its own part of the budget, \
      change the structure of their best lanes (levels, ties, noise, order, place of the maximum, \
      offset) and single bit patterns. What is found is certified by MPFR, and compared with as \
      many outputs on the families of an audit; the families that are built against a summation \
      stand apart, since they know what the search has to find out.

      The same seed finds the same on any number of threads. Every finding comes with a command \
      that shows it again; with --best, lanes are kept as .npy files, in which a worse one replaces \
      the one that a run before has left.

      Examples:
        softmax-audit search --implementation max-trick --format float32 --length 1000
        softmax-audit search --implementation 'online/*' --objective bound --budget 1e9
        softmax-audit search --plugin libmine.so --best worst --json found.json
      """)

  @OptionGroup(title: "What to search")
  var subjects: ImplementationOptions

  @OptionGroup
  var formats: FormatOptions

  @Option(
    name: .long, parsing: .unconditionalSingleValue,
    help: "A length of lanes (repeatable; default: 2, 17, 128 and 1000).")
  var length: [Int] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "ulp: the error in ULP; bound: the error as a part of the a-priori bound; scaled: the scaled "
        + "error (default: ulp of a softmax, scaled of other operations)."))
  var objective: SearchObjective?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Outputs to look at for each implementation, format and length, such as 1e9 (default: "
        + "16777216 of a softmax; 262144 of other operations, which have no fast filters).",
      valueName: "outputs"))
  var budget: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Move finite logits beyond this magnitude to it (default: any logit).", valueName: "x"))
  var largestLogit: Double?

  @OptionGroup
  var seeds: SeedOptions

  @OptionGroup
  var threads: ThreadOptions

  @OptionGroup(title: "How to judge")
  var judging: MeasuringOptions

  @OptionGroup
  var shards: ShardOptions

  @Option(
    name: .long,
    help: ArgumentHelp("Show the lane of a token, as printed with a finding.", valueName: "token"))
  var replay: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Keep the worst lanes in this directory.", valueName: "directory"))
  var best: String?

  @OptionGroup
  var output: OutputOptions

  @OptionGroup
  var evidence: EvidenceOptions

  private var quiet: Bool { output.quiet }

  func runInTime() async throws {
    let (plans, notMeasured, command) = try makePlans()
    if let replay { return try show(replay, plans) }
    seeds.tell(plans[0].seed, quietly: quiet)
    if let best { try OutputFile.makeDirectory(best) }

    let isQuiet = quiet
    let clock = ContinuousClock()
    let start = clock.now
    let progress = Progress(isQuiet: quiet, what: "islands")
    let total = plans.reduce(0) { $0 + $1.chosenIslands.count }
    var rows: [SearchRow] = []
    var before = 0
    for plan in plans {
      let offset = before
      before += plan.chosenIslands.count
      let row = try await plan.row(command: command(plan)) { done in
        progress.show(offset + done, of: total)
        if offset + done == 1, !isQuiet {
          Self.estimate(clock.now - start, islands: total, threads: plan.threads)
        }
      }
      if let best, let found = row.found, let path = try BestLanes.keep(row, in: best) {
        try plan.input.open(LaneWriting(found: found, path: path))
      }
      rows.append(row)
    }
    progress.finish()
    let results = SearchResults(
      .ofThisRun(
        tier: .filtered, threads: plans[0].threads, implementations: plans.map(\.implementation)),
      seed: plans[0].seed, budget: plans[0].budget, shard: plans[0].shard, searches: rows,
      largestLogit: largestLogit)
    try output.write(SearchJSON.encode(results), text: SearchText.render(results))
    try evidence.write(of: results, quietly: quiet)
    if !quiet, let largestLogit { Console.note(LogitLimit.notAsked(largestLogit, leftOut: [])) }
    try RunOutcome(of: rows, maxUlp: judging.limit.maxUlp, notMeasured: notMeasured)
      .leave(quietly: quiet)
  }

  static let part = "island"

  var largestErrorAllowed: Double? { judging.limit.maxUlp }

  func survey() throws -> RunSurvey {
    let (plans, notMeasured, _) = try makePlans()
    let searches = plans.map { plan in
      "\(plan.implementation.name) in \(plan.input.rawValue) on lanes of \(plan.length): \(plan.budget) outputs"
    }
    return RunSurvey(
      implementations: plans.map(\.implementation),
      formats: plans.map(\.input).uniqued(), outputFormat: formats.outputFormat,
      seed: plans.first?.seed, domain: searches,
      digest: SHA256.hexDigest(
        of: searches
          + plans.flatMap {
            ["\($0.seed)", $0.objective.rawValue, "\($0.largestLogit ?? .infinity)"]
          }),
      parts: WorstCaseSearch.islands, notMeasured: notMeasured)
  }

  /// Says how long the search will take, where that is more than a minute, from what its first
  /// island took.
  private static func estimate(_ first: Duration, islands: Int, threads: Int) {
    let seconds = first / .seconds(1) * Double(islands) / Double(threads)
    guard seconds > 60 else { return }
    let minutes = Int((seconds / 60).rounded(.up))
    Console.note("about \(minutes) minutes; a smaller --budget takes less")
  }

  // MARK: Replays

  private func show(_ token: String, _ plans: [WorstCaseSearch]) throws {
    let genome = try GenomeToken.genome(in: token)
    var rows: [SearchRow] = []
    for plan in plans {
      let row = try plan.replay(genome)
      guard row.found != nil || row.mismatch != nil else {
        throw UserError(
          .notMeasured,
          "the lane of the token has no error to measure on \(plan.implementation.name)")
      }
      try Console.print(SearchText.render(replayed: row))
      rows.append(row)
    }
    try RunOutcome(of: rows, maxUlp: judging.limit.maxUlp).leave(quietly: quiet)
  }

  /// Writes the inputs of a finding, each role into a file of its own.
  private struct LaneWriting: FormatGenericWork {
    let found: SearchRow.Finding
    /// The path of the first input, which ends in `.npy`.
    let path: String

    func run<F: BinaryFloat>(_ format: F.Type) throws {
      func elements(_ numbers: [String]) throws -> [F] {
        let elements = numbers.compactMap { Double($0).map { F(rounding: $0) } }
        guard elements.count == numbers.count else {
          throw InternalError("a lane of a finding is not in hexadecimal")
        }
        return elements
      }
      let inputs = OperationInputs(
        Tensor(
          geometry: try LaneGeometry(shape: [1, found.logits.count], axis: 1),
          elements: try elements(found.logits)),
        upstream: try found.accompanying?.upstream.map(elements),
        targets: found.accompanying?.targets)
      let stem = path.hasSuffix(".npy") ? String(path.dropLast(4)) : path
      try inputs.write(to: path) { "\(stem).\($0.rawValue).npy" }
    }
  }

  // MARK: Plans

  /// Turns the options into plans, and says what of them it cannot do.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  private func makePlans() throws -> (
    [WorstCaseSearch], notMeasured: [String], command: (WorstCaseSearch) -> ReplayCommandLine
  ) {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    judging.check(&mistakes)
    if let budget, !(budget >= 1 && budget <= 1e15 && budget == budget.rounded()) {
      mistakes.add(.usage, "--budget: use a whole number of outputs from 1 to 1e15")
    }
    let longest = LaneGeometry.largestLength
    for length in length where length < 1 || length > longest {
      mistakes.add(.usage, "--length \(length): use a number from 1 to \(longest)")
    }
    if replay != nil {
      if length.count != 1 {
        mistakes.add(.usage, "--replay needs the one --length of its lane")
      }
      if shards.shard != nil || best != nil || output.json != nil || evidence.evidence != nil
        || seeds.seed != nil || judging.limit.maxUlp != nil || quiet
      {
        mistakes.add(
          .usage,
          "--replay shows one lane and nothing else; leave --shard, --best, --json, --evidence, --seed, --max-ulp and --quiet out"
        )
      }
    }
    if objective == .bound, judging.judge == .nothing {
      mistakes.add(.usage, "--objective bound looks for what --judge nothing does not; choose one")
    }
    try mistakes.collect { try LogitLimit.check(largestLogit) }
    formats.refuseEightBits(in: "search", &mistakes)
    let wantedSeed = try mistakes.collect { try seeds.value() }
    let wantedShard = try mistakes.collect { try shards.value() }
    let wanted = try mistakes.collect { try subjects.select(in: formats.asked) }
    let operation = wanted?.operation ?? subjects.operations.asked
    let wantedSettings = try mistakes.collect { try judging.settings(of: operation) }
    try OutputPlaces(
      files: output.files + evidence.files, directories: [("--best", best)],
      inputs: subjects.files
    ).check(&mistakes)
    let (seed, shard, settings, selected) = try mistakes.require(
      wantedSeed, wantedShard, wantedSettings, wanted)
    selected.sayHowCalled(quietly: quiet)
    var notMeasured = selected.notMeasured + selected.outsideDomain(lengths: length.uniqued())
    let aim = objective ?? .usual(for: operation)
    let outputs = budget.map { Int($0) } ?? WorstCaseSearch.defaultBudget(of: operation)
    var plans: [WorstCaseSearch] = []
    for format in formats.asked {
      for implementation in selected.implementations where implementation.formats.contains(format) {
        let domain = implementation.askedDomain
        for length in length.isEmpty ? domain.fitted(AuditPlan.shortLengths) : length.uniqued()
        where domain.includes(length: length) {
          var plan = WorstCaseSearch(
            implementation, input: format, output: formats.outputFormat, length: length)
          plan.objective = aim
          plan.budget = outputs
          plan.seed = seed
          plan.threads = threads.count
          plan.shard = shard
          plan.settings = settings
          plan.largestLogit = largestLogit
          plans.append(plan)
        }
      }
    }
    notMeasured += selected.implementations.unoffered(in: formats.asked)
    notMeasured += formats.format.unoffered(by: selected.implementations)
    guard !plans.isEmpty else { throw mistakes.adding(notMeasured: notMeasured) }
    let judged = judging.bound.words(largestLogit: largestLogit)
    return (
      plans, notMeasured,
      { plan in
        .search(
          of: operation, length: plan.length, aim, input: plan.input, output: plan.output,
          judging: judged, selection: selected.words(for: plan.implementation.name))
      }
    )
  }
}

extension SearchObjective: ExpressibleByArgument {}
