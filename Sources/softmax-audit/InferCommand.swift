import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Audits
import Basics
import FloatFormats
import Foundation

struct InferCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Infers how a softmax is built, and what bound it keeps, from its errors.",
    usage: "softmax-audit infer [<options>]",
    discussion: """
      For implementations that declare no algorithm. Fits the smallest error model that covers all \
      lanes measured: accuracy of exp, subtraction, order of summation, format of the computation. \
      Only sound models count: an exp good to 4 ulp at most, sums in float32 at least or in the \
      format itself; otherwise any fault would fit its own budget. What a softmax declares is not \
      looked at. Offers the model as tolerances and, with --policy, as rules of a policy.

      The model is a description of errors, not of code: what rounds once at the end in 16 bits \
      may have added up in any order. Without the long lanes of the default families every order \
      fits.

      Exit status: 1 where no sound model fits, 2 where something could not be measured, else 0.

      Examples:
        softmax-audit infer --plugin libmine.so
        softmax-audit infer --library scipy --format float32 --policy policy.yaml
      """)

  @OptionGroup(title: "What to look at")
  var subjects: ImplementationOptions

  @Option(
    name: .long, parsing: .singleValue,
    help: "A format of the logits (repeatable; default: all that the implementation has).")
  var format: [FloatFormat] = []

  @Option(name: .long, help: "The format of the probabilities (default: that of the logits).")
  var outputFormat: FloatFormat?

  @Option(
    name: .long, parsing: .singleValue,
    help: "A name or glob of families of logits (repeatable; default: all).")
  var family: [String] = []

  @Option(
    name: .long, parsing: .unconditionalSingleValue,
    help: "A length of lanes (repeatable; default: from 0 to 131072, as the family deserves).")
  var length: [Int] = []

  @Option(
    name: .long, parsing: .unconditional,
    help: "Lanes per cell (default: up to 64, fewer where they are long).")
  var samples: Int?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Leave out lanes with finite logits beyond this magnitude (default: any logit).",
      valueName: "x"))
  var largestLogit: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: "The seed: a number, or 'random', which prints the one it drew.")
  var seed: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: "Threads (default: one per processor). Never changes a figure.")
  var threads: Int?

  @Option(name: .long, help: ArgumentHelp("Write the findings as JSON.", valueName: "file"))
  var json: String?

  @Option(
    name: .long, help: ArgumentHelp("Write the budgets as a policy.", valueName: "file.yaml"))
  var policy: String?

  @Flag(name: .long, help: "No progress and no text; only files and the exit status.")
  var quiet = false

  func run() async throws { try await subjects.withinTotalTime { try await runInTime() } }

  private func runInTime() async throws {
    let (plan, notMeasured) = try makePlan()
    if seed == "random", !quiet { Console.note("seed: \(plan.seed)") }
    let progress = Progress(isQuiet: quiet)
    let findings = try await BoundInference(plan).run { progress.show($0, of: $1) }
    progress.finish()
    var files: [(path: String, data: Data)] = []
    if let json {
      files.append(
        (json, try InferenceJSON.encode(findings, command: CommandText.own, seed: plan.seed)))
    }
    if let policy {
      files.append((policy, Data(InferenceText.policy(findings, largestLogit: largestLogit).utf8)))
    }
    try OutputFile.write(files)
    if !quiet {
      try Console.print(InferenceText.render(findings))
      if let largestLogit {
        Console.note(Selection.notAsked(largestLogit, leftOut: []))
      }
      for reason in notMeasured { Console.note("not measured: \(reason)") }
    }
    if findings.contains(where: { $0.objection != nil }) { throw ExitCode(Exit.failed) }
    if !notMeasured.isEmpty || findings.contains(where: { $0.notMeasured != nil }) {
      throw ExitCode(Exit.notMeasured)
    }
  }

  private func makePlan() throws -> (AuditPlan, notMeasured: [String]) {
    var mistakes = Mistakes()
    if let threads, threads < 1 { mistakes.add(.usage, "--threads \(threads): use at least 1") }
    try OutputPlaces(
      files: [("--json", json), ("--policy", policy)], inputs: subjects.files
    ).check(&mistakes)
    let formats = FloatFormat.allCases.filter { format.isEmpty || format.contains($0) }
    let seed = try mistakes.collect { try Selection.seed(self.seed) }
    let cells = try mistakes.collect {
      try Selection.cells(
        families: family, formats: formats, lengths: length, samples: samples,
        largestLogit: largestLogit)
    }
    let selected = try mistakes.collect { try subjects.select(in: formats) }
    try mistakes.throwIfAny()
    guard let seed, let cells, let selected else {
      throw InternalError("a plan is missing a part that nobody complained about")
    }
    selected.sayHowCalled(quietly: quiet)
    let asked =
      length.isEmpty ? AuditPlan.fitting(cells, to: selected.implementations) : cells
    var notMeasured =
      selected.notMeasured + selected.outsideDomain(lengths: length.uniqued(), of: asked)
    let measurable = asked.filter { cell in
      selected.implementations.contains { $0.formats.contains(cell.format) }
    }
    if !length.isEmpty, length.allSatisfy({ $0 == 0 }) {
      throw UserError(.usage, "--length 0: an empty lane has no errors; use other lengths")
    }
    for implementation in selected.implementations
    where !measurable.contains(where: { implementation.formats.contains($0.format) }) {
      notMeasured.append(
        "\(implementation.name) is not offered for the formats asked for, but for \(implementation.formats.listed)"
      )
    }
    for wanted in format.uniqued() where !measurable.contains(where: { $0.format == wanted }) {
      notMeasured.append("no selected implementation has lanes in \(wanted.rawValue)")
    }
    guard !measurable.isEmpty else {
      for reason in notMeasured { mistakes.add(.notMeasured, reason) }
      throw mistakes
    }
    return (
      AuditPlan(
        implementations: selected.implementations, cells: measurable, outputFormat: outputFormat,
        seed: seed, threads: threads ?? ProcessInfo.processInfo.activeProcessorCount),
      notMeasured
    )
  }
}
