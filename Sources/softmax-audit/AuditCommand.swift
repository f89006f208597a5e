import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Audits
import Basics
import ErrorMeasurement
import FloatFormats
import Foundation
import LogitFamilies
import MultiPrecision
import Oracle
import SoftmaxVariants

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Measures ULP error against the oracle.",
    discussion: """
      Without options, every built-in variant is measured in every format on every family of \
      logits. The same seed gives the same figures on any number of threads. A glob selects what \
      there is for the formats asked for; what is named literally must be measured.

      Examples:
        softmax-audit audit --implementation 'max-trick/*' --format float32
        softmax-audit audit --family dust --length 4096 --samples 1
        softmax-audit audit --logits logits.npy --axis -1 --json results.json
        softmax-audit audit --plugin libmine.so --python mine=mypackage.ops:softmax --library scipy
      """)

  @OptionGroup(title: "What to audit")
  var subjects: ImplementationOptions

  @Option(
    name: .long, parsing: .singleValue,
    help: "A format of the logits (repeatable; default: all that the implementation has).")
  var format: [FloatFormat] = []

  @Option(name: .long, help: "The format of the probabilities (default: that of the logits).")
  var outputFormat: FloatFormat?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Your own logits instead of families: .npy, .npz:name, .safetensors:name, .pb of ONNX, or raw.",
      valueName: "file"))
  var logits: String?

  @OptionGroup
  var rawFile: RawFileOptions

  @Option(
    name: .long, parsing: .unconditional,
    help: "The axis of the softmax in --logits, negative from the end (default: -1).")
  var axis: Int?

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
    help: "The seed: a number, or 'random', which prints the one it drew.")
  var seed: String?

  @Option(
    name: .long, parsing: .unconditional,
    help: "Threads (default: one per processor). Never changes a figure.")
  var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Measure every n-th cell only, from the i-th; 'merge' puts the results together.",
      valueName: "i/n"))
  var shard: String?

  @OptionGroup(title: "How to judge")
  var judging: JudgingOptions

  @OptionGroup(title: "How to judge")
  var special: SpecialLaneOptions

  @OptionGroup(title: "How to judge")
  var measuring: MeasuringOptions

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Leave out lanes with finite logits beyond this magnitude (default: any logit).",
      valueName: "x"))
  var largestLogit: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "filtered (default): fast filters with proven bounds, MPFR for what they leave open; or "
        + "mpfr: MPFR alone. Never changes a certified figure.", valueName: "tier"))
  var oracle: OracleTier = .filtered

  @Flag(
    name: .long,
    help: "Also say which stage (subtraction, exp, sum, ...) makes each variant's worst error.")
  var blame = false

  @OptionGroup
  var judgedElsewhere: ElsewhereOptions

  @Option(name: .long, help: ArgumentHelp("Write the results as JSON.", valueName: "file"))
  var json: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write report.html, report.md with figures, rows.csv and results.json into a directory.",
      valueName: "directory"))
  var report: String?

  @Flag(name: .long, help: "No progress, no notes and no table; only files and the exit status.")
  var quiet = false

  func run() async throws { try await subjects.withinTotalTime { try await runInTime() } }

  private func runInTime() async throws {
    let (plan, notMeasured) = try makePlan()
    if seed == "random", !quiet { Console.note("seed: \(plan.seed)") }
    if let report { try OutputFile.makeDirectory(report) }

    let progress = Progress(isQuiet: quiet)
    var rows = try await Audit(plan).run { progress.show($0, of: $1) }
    progress.finish()
    if blame { rows = try await explained(rows, of: plan) }

    var results = AuditResults(
      tool: .init(name: "softmax-audit", version: toolVersion),
      command: CommandText.own, seed: plan.seed,
      oracle: .init(tier: plan.oracleTier.rawValue, library: "MPFR \(BigFloat.libraryVersion)"),
      environment: Machine.environment(
        threads: plan.threads, implementations: plan.implementations),
      accuracy: rows)
    results.shard = plan.shardNote
    results.judging = measuring.note(judging, special, largestLogit: largestLogit)
    if let json { try OutputFile.write(ResultsJSON.encode(results), to: json) }
    var page: String?
    if let report {
      page = try ReportDirectory.write(ReportSources(results, name: "results.json"), to: report)
    }
    if !quiet { try Console.print(TextReport.render(results)) }
    if !quiet,
      let note = try Selection.leftOut(
        family, formats: askedFormats, lengths: length, largestLogit: largestLogit)
    {
      Console.note(note)
    }
    try judgedElsewhere.sayWhatCannotPass(rows, quietly: quiet)
    defer { if let page, !quiet { Console.note("report: \(page)") } }
    try AuditOutcome(of: results, notMeasured: notMeasured).leave(quietly: quiet)
  }

  /// The rows with the blame for their worst witnesses; what is not built in is taken for the variant that it errs like.
  private func explained(_ rows: [AccuracyRow], of plan: AuditPlan) async throws -> [AccuracyRow] {
    var outsiders = plan
    outsiders.implementations = plan.implementations.filter { !($0 is BuiltInImplementation) }
    guard !outsiders.implementations.isEmpty else {
      return try await BlameFinder(plan).explain(rows)
    }
    var models: [String: SoftmaxVariant] = [:]
    for finding in try await BoundInference(outsiders).run() {
      let variant = finding.model?.nearestVariant(input: finding.inputFormat)
      models["\(finding.implementation) \(finding.inputFormat.rawValue)"] = variant
      if variant == nil, !quiet {
        Console.note(
          "note: \(finding.implementation) in \(finding.inputFormat.rawValue) errs like no sound variant; "
            + "its stages are not known")
      }
    }
    let known = models
    return try await BlameFinder(plan) { known["\($0) \($1.rawValue)"] }.explain(rows)
  }

  /// Turns the options into a plan, and says what of them it cannot measure.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  private func makePlan() throws -> (AuditPlan, notMeasured: [String]) {
    var mistakes = Mistakes()
    if let threads, threads < 1 { mistakes.add(.usage, "--threads \(threads): use at least 1") }
    measuring.check(with: judging, &mistakes)
    let seed = try mistakes.collect { try Selection.seed(self.seed) }
    let shard = try mistakes.collect { try self.shard.map { try Shard(parsing: $0) } }
    let settings = try mistakes.collect {
      var settings = try measuring.settings(
        judging, special, judgesElsewhere: judgedElsewhere.elsewhere)
      settings.ownTolerance = try judgedElsewhere.own()
      return settings
    }
    let cells = try mistakes.collect { logits == nil ? try familyCells() : try userCells() }
    let formats = logits != nil ? cells?.map(\.format).uniqued() : nil
    let selected = try mistakes.collect { try subjects.select(in: formats ?? askedFormats) }
    try OutputPlaces(
      files: [("--json", json)], directories: [("--report", report)],
      inputs: [logits] + subjects.files
    ).check(&mistakes)
    try mistakes.throwIfAny()
    guard let seed, let settings, let cells, let selected else {
      throw InternalError("a plan is missing a part that nobody complained about")
    }
    selected.sayHowCalled(quietly: quiet)
    selected.sayWhatElseThereIs(
      formats: formats ?? askedFormats, output: outputFormat, quietly: quiet)

    let implementations = selected.implementations
    let asked = length.isEmpty ? AuditPlan.fitting(cells, to: implementations) : cells
    let measurable = asked.filter { cell in
      implementations.contains { $0.formats.contains(cell.format) }
    }
    let notMeasured =
      selected.notMeasured + shortfall(of: implementations, on: measurable)
      + selected.outsideDomain(lengths: length.uniqued(), of: measurable)
    guard !measurable.isEmpty else {
      for reason in notMeasured { mistakes.add(.notMeasured, reason) }
      throw mistakes
    }
    var plan = AuditPlan(
      implementations: implementations, cells: measurable, outputFormat: outputFormat,
      seed: seed, threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
      settings: settings)
    plan.oracleTier = oracle
    plan.shard = shard ?? nil
    return (plan, notMeasured)
  }

  /// The formats asked for, in the order of the list; all where none is.
  private var askedFormats: [FloatFormat] {
    FloatFormat.allCases.filter { format.isEmpty || format.contains($0) }
  }

  /// What was asked for by name and has no cell to be measured on.
  private func shortfall(
    of implementations: [any SoftmaxImplementation], on cells: [AuditPlan.Cell]
  ) -> [String] {
    let formats = cells.map(\.format).uniqued()
    var reasons = implementations.filter { !$0.formats.contains(where: formats.contains) }.map {
      "\($0.name) is not offered for the formats asked for, but for \($0.formats.listed)"
    }
    for wanted in format.uniqued()
    where !implementations.contains(where: { $0.formats.contains(wanted) }) {
      reasons.append("no selected implementation is offered for \(wanted.rawValue)")
    }
    let measured = Set(cells.map(\.source.name))
    for wanted in family.uniqued() where !Selection.isGlob(wanted) && !measured.contains(wanted) {
      reasons.append("the family \(wanted) has no lanes in the formats measured")
    }
    if cells.isEmpty, reasons.isEmpty {
      reasons.append("no selected family has lanes in the formats asked for")
    }
    return reasons
  }

  /// The cells of families in the formats asked for.
  private func familyCells() throws -> [AuditPlan.Cell] {
    guard axis == nil else {
      throw UserError(.usage, "--axis belongs to --logits; the lanes of families have one axis")
    }
    guard rawFile.isEmpty else {
      throw UserError(.usage, "--shape and --dtype belong to --logits; there is no file")
    }
    return try Selection.cells(
      families: family, formats: askedFormats, lengths: length, samples: samples,
      largestLogit: largestLogit, isFromOutside: subjects.hasOutsiders)
  }

  /// The user's own tensor as one cell for each format asked for; its own format where none is.
  private func userCells() throws -> [AuditPlan.Cell] {
    guard largestLogit == nil else {
      throw UserError(.usage, "--logits brings its own lanes; leave --largest-logit out")
    }
    guard family.isEmpty, length.isEmpty, samples == nil, seed == nil else {
      throw UserError(
        .usage, "--logits brings its own lanes; leave --family, --length, --samples and --seed out")
    }
    let path = logits ?? ""
    let (tensor, name) = try UserLogits.read(
      path, axis: axis ?? -1, formats: format, raw: try rawFile.raw(for: [path]))
    let formats = format.isEmpty ? [tensor.format] : askedFormats
    for format in formats where format != tensor.format && !quiet {
      let change = format.contains(tensor.format) ? "converted exactly" : "rounded"
      Console.note(
        "note: \(path) holds \(tensor.format.rawValue); \(change) to \(format.rawValue)")
    }
    return formats.map { AuditPlan.Cell(format: $0, source: .tensor(name: name, tensor)) }
  }
}

extension AuditPlan.Source {
  /// The name of the lanes in results.
  fileprivate var name: String {
    switch self {
    case .family(let family, _, _): family.name
    case .tensor(let name, _): name
    }
  }
}
