import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Basics
import FloatFormats
import Foundation
import Laws
import Oracle

struct CheckCommand: DividedCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Looks for broken laws, shrinks what it finds, and replays it.",
    discussion: """
      Every law of softmax is checked on cases made at random, on edge cases and on those found \
      before. A failure is shown by the simplest and by the worst case that was found, each with \
      the command that shows it again. 'softmax-audit list --laws' shows the laws.

      The same seed finds the same on any number of threads. With --regressions, failing cases are \
      kept in a directory and come first in the next run, whatever the implementation.

      Examples:
        softmax-audit check --implementation naive --format float32
        softmax-audit check --law shift --law 'batch*' --effort 10
        softmax-audit check --implementation logsumexp --declare none --regressions cases
      """)

  @OptionGroup(title: "What to check")
  var subjects: ImplementationOptions

  @OptionGroup
  var formats: FormatOptions

  @Option(
    name: .long, parsing: .singleValue,
    help: "A name or glob of laws (repeatable; default: all that apply).")
  var law: [String] = []

  @OptionGroup
  var efforts: EffortOptions

  @OptionGroup
  var speed: QuickOptions

  @OptionGroup
  var seeds: SeedOptions

  @OptionGroup
  var threads: ThreadOptions

  @OptionGroup
  var shards: ShardOptions

  @OptionGroup(title: "How to judge")
  var judging: JudgingOptions

  @OptionGroup(title: "How to judge")
  var special: SpecialLaneOptions

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Ask about finite logits of this magnitude at most; masks of -inf stay (default: any logit).",
      valueName: "x"))
  var largestLogit: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Make this many calls where a law looks for faults that are rare (default: \(Subject.defaultRepeats)).",
      valueName: "calls"))
  var `repeat`: Int?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Accept that a law is broken, for a reason (repeatable).", valueName: "law=reason"))
  var waive: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Check the one case of a token, as printed with a failure.", valueName: "token"))
  var replay: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Keep failing cases in this directory, and check those in it first.", valueName: "directory"))
  var regressions: String?

  @OptionGroup
  var modifiers: ModifierOptions

  @OptionGroup
  var parameters: LossParameterOptions

  @OptionGroup
  var output: OutputOptions

  private var quiet: Bool { output.quiet }

  func runInTime() async throws {
    var (plan, notMeasured) = try makePlan()
    seeds.tell(plan.seed, quietly: quiet)
    let rows: [PropertyRow]
    var note: ShardNote?
    if let replay {
      rows = [try Check(plan).replay(replay)]
    } else {
      let progress = Progress(isQuiet: quiet, what: "laws")
      var found = try await Check(plan).run { progress.show($0, of: $1) }
      let inspections =
        plan.shard.map { $0.index == 1 } ?? true ? try Check(plan).inspect(inspected) : []
      found += inspections
      note = Check(plan).shardNote(inspections: inspections.count)
      notMeasured += Check(plan).unmeasured(found)
      progress.finish()
      rows = found
    }
    var results = AuditResults(
      .ofThisRun(tier: .mpfr, threads: plan.threads, implementations: plan.implementations),
      seed: plan.seed)
    results.properties = rows
    results.checking = LawJudging(plan)
    results.shard = note
    try output.write(
      ResultsJSON.encode(results), text: LawTextReport.render(rows, isReplay: replay != nil))
    if !quiet, rows.isEmpty, let shard = plan.shard, notMeasured.isEmpty {
      Console.note(
        "note: there are fewer laws to check than shards; none is in shard \(shard.text)")
    }
    if !quiet, replay == nil, let leftOut = speed.leftOutOfCheck { Console.note(leftOut) }
    if !quiet, let largestLogit {
      Console.note(LogitLimit.notAsked(largestLogit, leftOut: []))
    }
    // Of a shard, only the whole run can tell that a law is asked about nothing.
    try RunOutcome(of: rows.filter { !$0.isNotAsked }, notMeasured: notMeasured)
      .leave(quietly: quiet)
  }

  static let part = "law"

  func survey() throws -> RunSurvey {
    let (plan, notMeasured) = try makePlan()
    let laws = plan.units.count
    return RunSurvey(
      implementations: plan.implementations, formats: plan.formats,
      outputFormat: plan.outputFormat, seed: plan.seed,
      domain: ["\(laws) laws, each of one implementation in one format"],
      // What hosts look at by themselves is no law, and belongs to the first unit.
      digest: plan.digest, parts: max(1, laws), notMeasured: notMeasured)
  }

  /// Turns the options into a plan, and says what of them it cannot measure.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  private func makePlan() throws -> (CheckPlan, notMeasured: [String]) {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    efforts.check(&mistakes)
    if replay != nil, shards.shard != nil {
      mistakes.add(.usage, "--replay checks the one case of its token; leave --shard out")
    }
    if replay != nil, regressions != nil || seeds.seed != nil {
      mistakes.add(
        .usage, "--replay checks the one case of its token; leave --regressions and --seed out")
    }
    let wantedSeed = try mistakes.collect { try seeds.value() }
    let wantedShard = try mistakes.collect { try shards.value() }
    let wantedLaws = try mistakes.collect { try selectedLaws() }
    let wanted = try mistakes.collect {
      try subjects.select(in: formats.asked, takesAttention: true)
    }
    let wantedSettings = try mistakes.collect {
      try judgingSettings(of: wanted?.operation ?? subjects.operations.asked)
    }
    try OutputPlaces(
      files: output.files, directories: [("--regressions", regressions)], inputs: subjects.files
    ).check(&mistakes)
    if let implementations = wanted?.implementations {
      mistakes = mistakes.adding(
        notMeasured: formats.format.unoffered(by: implementations)
          + implementations.unoffered(in: formats.asked))
    }
    let checked = Set((wantedLaws ?? []).map(\.name)).union(inspected)
    for name in (wantedSettings?.waivers.keys.sorted() ?? []) where !checked.contains(name) {
      mistakes.add(.usage, "--waive \(name): this run does not check that law; leave it out")
    }
    let wantedAmount = try mistakes.collect {
      try speed.checked(effort: efforts.effort, repeats: self.repeat)
    }
    let (seed, shard, laws, judged, selected, amount) = try mistakes.require(
      wantedSeed, wantedShard, wantedLaws, wantedSettings, wanted, wantedAmount)
    let (effort, repeats) = amount
    var settings = judged
    if let repeats { settings.repeats = repeats }
    selected.sayHowCalled(quietly: quiet)
    if replay == nil {
      selected.sayWhatElseThereIs(
        formats: formats.asked, output: formats.outputFormat, quietly: quiet)
    }
    var plan = CheckPlan(
      implementations: selected.implementations, formats: formats.asked,
      outputFormat: formats.outputFormat, laws: laws, seed: seed, effort: effort,
      threads: threads.count, settings: settings)
    plan.regressions = regressions.map { RegressionDirectory(path: $0) }
    plan.shard = shard
    plan.namedLaws = Set(law.filter { !Glob.isGlob($0) })
    let judging =
      judging.words(
        largestLogit: largestLogit, repeats: repeats, specialLanes: special.specialLanes)
      + modifiers.words + parameters.words
    plan.command = { subject, law in
      .check(
        law.name, of: subject.operation, input: subject.input, output: subject.output,
        judging: judging, selection: selected.words(for: subject.name))
    }
    return (plan, selected.notMeasured)
  }

  /// The names of what hosts look at by themselves, as far as they are asked for.
  private var inspected: Set<String> {
    Set(
      Inspection.statements.keys.filter { name in
        law.isEmpty || law.contains { Glob.matches(name, $0) }
      })
  }

  private func selectedLaws() throws -> [Law] {
    let others = law.filter { Inspection.statements[$0] == nil }
    if law.isEmpty { return Law.all }
    // A glob may mean nothing but what hosts look at.
    let meant = others.filter { pattern in
      !Glob.isGlob(pattern) || inspected.isEmpty
        || Law.all.contains { Glob.matches($0.name, pattern) }
    }
    return meant.isEmpty ? [] : try Law.selected(by: meant)
  }

  /// The modifiers that stand in the place of those that laws draw.
  private func givenModifiers(for operation: AuditedOperation) throws -> ModifierRule.Given {
    var mistakes = Mistakes()
    modifiers.check(for: operation, &mistakes)
    if modifiers.mask != nil || modifiers.causalAlignment != nil {
      mistakes.add(
        .usage, "--mask is for tensors of known shape; leave it out, and laws draw masks")
    }
    if modifiers.sink != nil, modifiers.sinkNumber == nil {
      mistakes.add(.usage, "--sink takes a number here: laws have lanes of many shapes")
    }
    try mistakes.throwIfAny()
    return ModifierRule.Given(
      scale: modifiers.scale, softcap: modifiers.softcap, sink: modifiers.sinkNumber)
  }

  /// The parameters of losses that stand in the place of those that laws draw.
  private func givenLoss(for operation: AuditedOperation) throws -> GivenLoss {
    var mistakes = Mistakes()
    parameters.check(for: operation, &mistakes)
    parameters.refuseReduction(in: "check", &mistakes)
    if parameters.classWeights != nil {
      mistakes.add(
        .usage,
        "--class-weights are for lanes of known length; leave them out, and laws draw weights")
    }
    try mistakes.throwIfAny()
    return try parameters.given(integersAre: nil)
  }

  private func judgingSettings(of operation: AuditedOperation) throws -> CheckSettings {
    var settings = try judging.checkSettings(of: operation)
    settings.specialLanes = try special.policy()
    try LogitLimit.check(largestLogit)
    settings.largestLogit = largestLogit
    settings.modifiers = try givenModifiers(for: operation)
    settings.loss = try givenLoss(for: operation)
    if let count = self.repeat {
      guard (2...100_000_000).contains(count) else {
        throw UserError(.usage, "--repeat \(count): use a number from 2 to 100000000")
      }
      settings.repeats = count
    }
    for text in waive {
      guard let equals = text.firstIndex(of: "="),
        text[text.index(after: equals)...].contains(where: { !$0.isWhitespace })
      else {
        throw UserError(
          .usage, "--waive \(text): say why, as in --waive uniform='reciprocal is good to 1 ulp'")
      }
      let name = String(text[..<equals])
      guard !Glob.isGlob(name) else {
        throw UserError(
          .usage, "--waive \(text): name one law; each takes a reason of its own")
      }
      if Inspection.statements[name] == nil { _ = try Law.selected(by: [name]) }
      guard settings.waivers[name] == nil else {
        throw UserError(.usage, "--waive \(name) is given twice; give one reason")
      }
      settings.waivers[name] = String(text[text.index(after: equals)...])
    }
    return settings
  }
}
