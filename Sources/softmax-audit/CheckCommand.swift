import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Basics
import FloatFormats
import Foundation
import Laws
import MultiPrecision

struct CheckCommand: AsyncParsableCommand {
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

  @Option(
    name: .long, parsing: .singleValue,
    help: "A format of the logits (repeatable; default: all that the implementation has).")
  var format: [FloatFormat] = []

  @Option(name: .long, help: "The format of the probabilities (default: that of the logits).")
  var outputFormat: FloatFormat?

  @Option(
    name: .long, parsing: .singleValue,
    help: "A name or glob of laws (repeatable; default: all that apply).")
  var law: [String] = []

  @Option(
    name: .long, parsing: .unconditional,
    help: "Scales the number of cases (default: 1).")
  var effort: Double = 1

  @Option(
    name: .long, parsing: .unconditional,
    help: "The seed: a number, or 'random', which prints the one it drew.")
  var seed: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: "Threads (default: one per processor). Never changes a finding.")
  var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Check every n-th combination of implementation, format and law only, from the i-th; 'merge' "
        + "puts the results together.", valueName: "i/n"))
  var shard: String?

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

  @Option(name: .long, help: ArgumentHelp("Write the results as JSON.", valueName: "file"))
  var json: String?

  @Flag(name: .long, help: "No progress, no notes and no table; only files and the exit status.")
  var quiet = false

  func run() async throws { try await subjects.withinTotalTime { try await runInTime() } }

  private func runInTime() async throws {
    var (plan, notMeasured) = try makePlan()
    if seed == "random", !quiet { Console.note("seed: \(plan.seed)") }
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
    if let json {
      var results = AuditResults(
        tool: .init(name: "softmax-audit", version: toolVersion), command: CommandText.own,
        seed: plan.seed, oracle: .init(tier: "mpfr", library: "MPFR \(BigFloat.libraryVersion)"),
        environment: Machine.environment(
          threads: plan.threads, implementations: plan.implementations), accuracy: [])
      results.properties = rows
      results.checking = LawJudging(plan)
      results.shard = note
      try OutputFile.write(ResultsJSON.encode(results), to: json)
    }
    if !quiet { try Console.print(LawTextReport.render(rows)) }
    if !quiet, rows.isEmpty, let shard = plan.shard, notMeasured.isEmpty {
      Console.note(
        "note: there are fewer laws to check than shards; none is in shard \(shard.text)")
    }
    if !quiet, let largestLogit {
      Console.note(Selection.notAsked(largestLogit, leftOut: []))
    }
    if !quiet { for reason in notMeasured { Console.note("not measured: \(reason)") } }
    if rows.contains(where: { $0.verdict == .failed }) { throw ExitCode(Exit.failed) }
    if !notMeasured.isEmpty { throw ExitCode(Exit.notMeasured) }
    // What is not asked in a shard is said by the whole run, where nothing else is asked.
    if rows.contains(where: {
      ($0.verdict == .notMeasured && !$0.isNotAsked) || $0.verdict == .undecided
    }) {
      throw ExitCode(Exit.notMeasured)
    }
  }

  /// Turns the options into a plan, and says what of them it cannot measure.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  private func makePlan() throws -> (CheckPlan, notMeasured: [String]) {
    var mistakes = Mistakes()
    if let threads, threads < 1 { mistakes.add(.usage, "--threads \(threads): use at least 1") }
    if !(effort > 0 && effort <= 1e6) {
      mistakes.add(.usage, "--effort \(effort): use a number above 0, at most 1000000")
    }
    if replay != nil, shard != nil {
      mistakes.add(.usage, "--replay checks the one case of its token; leave --shard out")
    }
    if replay != nil, regressions != nil || seed != nil {
      mistakes.add(
        .usage, "--replay checks the one case of its token; leave --regressions and --seed out")
    }
    let seed = try mistakes.collect { try Selection.seed(self.seed) }
    let shard = try mistakes.collect { try self.shard.map { try Shard(parsing: $0) } }
    let laws = try mistakes.collect { try self.selectedLaws() }
    let settings = try mistakes.collect { try self.judgingSettings() }
    let formats = FloatFormat.allCases.filter { format.isEmpty || format.contains($0) }
    let selected = try mistakes.collect { try subjects.select(in: formats) }
    let implementations = selected?.implementations
    try OutputPlaces(
      files: [("--json", json)], directories: [("--regressions", regressions)],
      inputs: subjects.files
    ).check(&mistakes)
    if let implementations {
      for wanted in format.uniqued()
      where !implementations.contains(where: { $0.formats.contains(wanted) }) {
        mistakes.add(
          .notMeasured, "no selected implementation is offered for \(wanted.rawValue)")
      }
      for one in implementations where !one.formats.contains(where: formats.contains) {
        mistakes.add(
          .notMeasured,
          "\(one.name) is not offered for the formats asked for, but for \(one.formats.listed)")
      }
    }
    let checked = Set((laws ?? []).map(\.name)).union(inspected)
    for name in (settings?.waivers.keys.sorted() ?? []) where !checked.contains(name) {
      mistakes.add(.usage, "--waive \(name): this run does not check that law; leave it out")
    }
    try mistakes.throwIfAny()
    guard let seed, let laws, let settings, let implementations,
      let selected
    else {
      throw InternalError("a plan is missing a part that nobody complained about")
    }
    selected.sayHowCalled(quietly: quiet)
    if replay == nil {
      selected.sayWhatElseThereIs(formats: formats, output: outputFormat, quietly: quiet)
    }
    var plan = CheckPlan(
      implementations: implementations, formats: formats, outputFormat: outputFormat, laws: laws,
      seed: seed, effort: effort,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount, settings: settings,
      regressions: regressions.map { RegressionDirectory(path: $0) })
    plan.shard = shard ?? nil
    plan.namedLaws = Set(law.filter { !Selection.isGlob($0) })
    let judging = judgingWords
    plan.command = { subject, law in
      var words = ["softmax-audit", "check"]
      words += selected.words(for: subject.name) + ["--format", subject.input.rawValue]
      if subject.output != subject.input { words += ["--output-format", subject.output.rawValue] }
      words += ["--law", law.name] + judging
      return words.map(\.quotedForShell).joined(separator: " ")
    }
    return (plan, selected.notMeasured)
  }

  /// The names of what hosts look at by themselves, as far as they are asked for.
  private var inspected: Set<String> {
    Set(
      Inspection.statements.keys.filter { name in
        law.isEmpty || law.contains { Selection.matches(name, $0) }
      })
  }

  private func selectedLaws() throws -> [Law] {
    let others = law.filter { Inspection.statements[$0] == nil }
    if law.isEmpty { return Law.all }
    // A glob may mean nothing but what hosts look at.
    let meant = others.filter { pattern in
      !Selection.isGlob(pattern) || inspected.isEmpty
        || Law.all.contains { Selection.matches($0.name, pattern) }
    }
    return meant.isEmpty ? [] : try Selection.laws(meant)
  }

  private func judgingSettings() throws -> CheckSettings {
    var settings = try judging.checkSettings()
    settings.specialLanes = try special.policy()
    try Selection.checkLargestLogit(largestLogit)
    settings.largestLogit = largestLogit
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
      guard !Selection.isGlob(name) else {
        throw UserError(
          .usage, "--waive \(text): name one law; each takes a reason of its own")
      }
      if Inspection.statements[name] == nil { _ = try Selection.laws([name]) }
      guard settings.waivers[name] == nil else {
        throw UserError(.usage, "--waive \(name) is given twice; give one reason")
      }
      settings.waivers[name] = String(text[text.index(after: equals)...])
    }
    return settings
  }

  /// The options that say how to judge, as they have to stand in a replay.
  private var judgingWords: [String] {
    var words = judging.words
    if let largestLogit { words += ["--largest-logit", "\(largestLogit)"] }
    if let count = self.repeat { words += ["--repeat", "\(count)"] }
    if let specialLanes = special.specialLanes { words += ["--special-lanes", specialLanes] }
    return words
  }
}
