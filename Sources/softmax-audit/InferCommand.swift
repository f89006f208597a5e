import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Audits
import Basics
import FloatFormats
import Foundation
import Policies

struct InferCommand: ImplementationCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Infers how a softmax is built, and what bound it keeps, from its errors.",
    usage: "softmax-audit infer [<options>]",
    discussion: """
      For implementations that declare no algorithm. Fits the smallest error model that covers all \
      lanes measured: accuracy of exp, subtraction, order of summation, format of the computation. \
      Only sound models count: an exp good to 4 ulp at most, sums in float32 at least or in the \
      format itself; otherwise any fault would fit its own budget. What a softmax declares is not \
      looked at. Offers the model as tolerances and, with --policy, as rules of a policy, where it \
      keeps the required laws as well; they are not tried where families or lengths are chosen.

      Of log-softmax and logsumexp it fits (x - m) - ln s and m + ln s, with an accuracy of log as \
      well. x - (m + ln s) loses digits to logits far from 0, and the logarithm of a probability \
      to those far below the largest: they fit no sound model there.

      The model is a description of errors, not of code: what rounds once at the end in 16 bits \
      may have added up in any order. Without the long lanes of the default families every order \
      fits.

      Exit status: 1 where no sound model fits, 2 where something could not be measured, else 0.

      Examples:
        softmax-audit infer --plugin libmine.so
        softmax-audit infer --library scipy --format float32 --policy policy.yaml
        softmax-audit infer --operation log-softmax --library torch
      """)

  @OptionGroup(title: "What to look at")
  var subjects: ImplementationOptions

  @OptionGroup
  var formats: FormatOptions

  @OptionGroup
  var lanes: LaneOptions

  @OptionGroup
  var limits: LargestLogitOptions

  @OptionGroup
  var seeds: SeedOptions

  @OptionGroup
  var threads: ThreadOptions

  @Option(
    name: .long, help: ArgumentHelp("Write the budgets as a policy.", valueName: "file.yaml"))
  var policy: String?

  @OptionGroup
  var output: OutputOptions

  private var quiet: Bool { output.quiet }

  func runInTime() async throws {
    let (plan, notMeasured) = try makePlan()
    seeds.tell(plan.seed, quietly: quiet)
    let progress = Progress(isQuiet: quiet)
    var findings = try await BoundInference(plan).run { progress.show($0, of: $1) }
    progress.finish()
    if triesLaws {
      let trial = InferenceTrial(
        implementations: plan.implementations, largestLogit: limits.largestLogit, seed: plan.seed,
        threads: plan.threads)
      let progress = Progress(isQuiet: quiet, what: "trials of the laws")
      for index in findings.indices {
        findings[index] = try await trial.confirmed(findings[index])
        progress.show(index + 1, of: findings.count)
      }
      progress.finish()
    }
    var files: [(path: String, data: Data)] = []
    if let json = output.json {
      let command = ProgramArguments.commandLine
      files.append((json, try InferenceJSON.encode(findings, command: command, seed: plan.seed)))
    }
    if let policy {
      if let text = InferenceText.policy(findings, largestLogit: limits.largestLogit) {
        files.append((policy, Data(text.utf8)))
      } else {
        Console.note("note: \(policy) was not written: no model fits, so there is no rule to write")
      }
    }
    try OutputFile.write(files)
    if !quiet {
      try Console.print(InferenceText.render(findings))
      if let limit = limits.largestLogit { Console.note(LogitLimit.notAsked(limit, leftOut: [])) }
      if !triesLaws {
        Console.note(
          "note: the laws were not tried, for families or lengths were chosen; softmax-audit check tries them"
        )
      }
    }
    try RunOutcome(of: findings, notMeasured: notMeasured).leave(quietly: quiet)
  }

  /// Whether what is offered has to keep the laws: not where it is for chosen lanes alone.
  private var triesLaws: Bool { lanes.family.isEmpty && lanes.length.isEmpty }

  private func makePlan() throws -> (AuditPlan, notMeasured: [String]) {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    formats.refuseEightBits(in: "infer", &mistakes)
    try OutputPlaces(
      files: output.files + [("--policy", policy)], inputs: subjects.files
    ).check(&mistakes)
    let wantedSeed = try mistakes.collect { try seeds.value() }
    let wantedCells = try mistakes.collect {
      try lanes.cells(in: formats.asked, largestLogit: limits.largestLogit)
    }
    let wanted = try mistakes.collect {
      try subjects.select(in: formats.asked, for: .infer)
    }
    let (seed, cells, selected) = try mistakes.require(wantedSeed, wantedCells, wanted)
    selected.sayHowCalled(quietly: quiet)
    if !lanes.length.isEmpty, lanes.length.allSatisfy({ $0 == 0 }) {
      throw UserError(.usage, "--length 0: an empty lane has no errors; use other lengths")
    }
    let (measurable, outsideDomain) = lanes.measurable(cells, by: selected)
    var notMeasured =
      selected.notMeasured + outsideDomain
      + selected.implementations.unoffered(in: measurable.map(\.format).uniqued())
    for wanted in formats.format.uniqued()
    where !measurable.contains(where: { $0.format == wanted }) {
      notMeasured.append("no selected implementation has lanes in \(wanted.rawValue)")
    }
    guard !measurable.isEmpty else { throw mistakes.adding(notMeasured: notMeasured) }
    return (
      AuditPlan(
        implementations: selected.implementations, cells: measurable,
        outputFormat: formats.outputFormat, seed: seed, threads: threads.count),
      notMeasured
    )
  }
}
