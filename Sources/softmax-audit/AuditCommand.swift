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
import Oracle
import SoftmaxVariants

struct AuditCommand: DividedCommand {
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
        softmax-audit audit --onnx quantised.onnx
        softmax-audit audit --python mylib:softmax --quantised logits=0.1,-3,int8 --quantised \
      probabilities=0x1p-8,-128,int8
      """)

  @OptionGroup(title: "What to audit")
  var subjects: ImplementationOptions

  @OptionGroup
  var quantized: QuantizedOptions

  @OptionGroup
  var formats: FormatOptions

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

  @OptionGroup
  var modifiers: ModifierOptions

  @OptionGroup
  var parameters: LossParameterOptions

  @OptionGroup
  var lanes: LaneOptions

  @OptionGroup
  var speed: QuickOptions

  @OptionGroup
  var seeds: SeedOptions

  @OptionGroup
  var threads: ThreadOptions

  @OptionGroup
  var shards: ShardOptions

  @OptionGroup
  var limits: LargestLogitOptions

  @OptionGroup(title: "How to judge")
  var judging: MeasuringOptions

  @OptionGroup(title: "How to judge")
  var special: SpecialLaneOptions

  @OptionGroup
  var oracle: OracleOptions

  @Flag(
    name: .long,
    help: "Also say which stage (subtraction, exp, sum, ...) makes each variant's worst error.")
  var blame = false

  @OptionGroup
  var cost: ConsequenceOptions

  @OptionGroup
  var judgedElsewhere: ElsewhereOptions

  @OptionGroup
  var results: ReportOptions

  var quiet: Bool { results.output.quiet }

  func runInTime() async throws {
    let (plan, notMeasured, leftOut) = try makePlan()
    if plan.implementations.contains(where: { !$0.quantizations.isEmpty }) {
      return try await sweep(plan, notMeasured: notMeasured)
    }
    seeds.tell(plan.seed, quietly: quiet)
    try results.prepare()

    let progress = Progress(isQuiet: quiet)
    var rows = try await Audit(plan).run { progress.show($0, of: $1) }
    progress.finish()
    let history = try await HistoryDependence(plan).sentences(about: rows)
    if blame { rows = try await explained(rows, of: plan) }

    var measured = AuditResults(
      .ofThisRun(
        tier: plan.oracleTier, threads: plan.threads, implementations: plan.implementations),
      seed: plan.seed, accuracy: rows)
    measured.shard = plan.shardNote
    measured.judging = judging.note(special, largestLogit: limits.largestLogit)
    let tellPage = try results.write(measured, lanes: plan.logits)
    defer { tellPage() }
    if !quiet,
      let note = try AuditPlan.leftOut(
        lanes.family, of: subjects.operations.asked, formats: formats.asked, lengths: lanes.length,
        largestLogit: limits.largestLogit)
    {
      Console.note(note)
    }
    if !quiet, let leftOut { Console.note(leftOut) }
    if !quiet { history.forEach { Console.note("note: \($0)") } }
    try judgedElsewhere.sayWhatCannotPass(rows, quietly: quiet)
    try RunOutcome(of: measured, notMeasured: notMeasured).leave(quietly: quiet)
  }

  static let part = "cell"

  func survey() throws -> RunSurvey {
    let (plan, notMeasured, _) = try makePlan()
    let (cells, count) = (plan.cells.count, plan.implementations.count)
    return RunSurvey(
      implementations: plan.implementations, formats: plan.cells.map(\.format).uniqued(),
      outputFormat: plan.outputFormat, seed: plan.seed,
      domain: ["\(cells) cells for \(count) \(count == 1 ? "implementation" : "implementations")"],
      digest: plan.digest, parts: cells, notMeasured: notMeasured)
  }

  /// The rows with the blame for their worst witnesses; what is not built in is taken for the
  /// variant that it errs like.
  private func explained(_ rows: [AccuracyRow], of plan: AuditPlan) async throws -> [AccuracyRow] {
    var outsiders = plan
    outsiders.implementations = plan.implementations.filter { !$0.isBuiltIn }
    guard !outsiders.implementations.isEmpty else {
      return try await BlameFinder(plan).explain(rows)
    }
    var models: [String: SoftmaxVariant] = [:]
    for finding in try await BoundInference(outsiders).run() {
      let variant = finding.model?.nearestVariant(
        of: finding.operation, input: finding.inputFormat)
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

  /// Turns the options into a plan, and says what of them it cannot measure and what it leaves out
  /// to be quick.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  private func makePlan() throws -> (AuditPlan, notMeasured: [String], leftOut: String?) {
    var mistakes = Mistakes()
    try mistakes.collect { try speed.check(lanes, logits: logits) }
    threads.check(&mistakes)
    judging.check(&mistakes)
    let wantedSeed = try mistakes.collect { try seeds.value() }
    let wantedShard = try mistakes.collect { try shards.value() }
    let wantedCells = try mistakes.collect { logits == nil ? try familyCells() : try userCells() }
    let measuredFormats =
      logits == nil ? formats.asked : wantedCells?.map(\.format).uniqued() ?? formats.asked
    let roles = try mistakes.collect {
      try quantized.roles(of: subjects.operations.asked, mayBeSaid: true)
    }
    let wanted =
      try mistakes.collect {
        try roles.map {
          try subjects.select(in: measuredFormats, takesAttention: true, quantized: $0)
        }
      } ?? nil
    let operation = wanted?.operation ?? subjects.operations.asked
    let wantedSettings = try mistakes.collect {
      var settings = try judging.settings(special, judgedElsewhere, of: operation)
      settings.measuresConsequences = cost.consequences
      return settings
    }
    cost.check(&mistakes, of: operation)
    if operation == .attention {
      OperationOptions.refuseForAttention(
        [
          ("--logits", logits != nil), ("--declare", judging.bound.declare != nil),
          ("--elsewhere, --rtol and --atol", !judgedElsewhere.isEmpty),
        ], &mistakes)
    }
    modifiers.check(for: operation, &mistakes)
    parameters.check(for: operation, &mistakes)
    parameters.refuseReduction(in: "audit", &mistakes)
    if blame, !modifiers.isEmpty {
      mistakes.add(.usage, "--blame is about plain logits; leave it out with modifiers")
    }
    if blame, let refusal = NarrowCommand.blame.refusal(of: operation) {
      mistakes.add(.usage, refusal)
    }
    try OutputPlaces(
      files: results.files, directories: results.directories,
      inputs: [logits] + subjects.files + modifiers.namedFiles + parameters.namedFiles
    ).check(&mistakes)
    let (seed, shard, settings, cells, selected) = try mistakes.require(
      wantedSeed, wantedShard, wantedSettings, wantedCells, wanted)
    selected.sayHowCalled(quietly: quiet)
    selected.sayWhatElseThereIs(
      formats: measuredFormats, output: formats.outputFormat, quietly: quiet)

    let implementations = selected.implementations
    try checkSweep(of: implementations)
    let (askedCells, leftOut) = speed.narrowed(cells)
    let (measurable, outsideDomain) = lanes.measurable(askedCells, by: selected)
    let notMeasured =
      selected.notMeasured + shortfall(of: implementations, on: measurable) + outsideDomain
    guard !measurable.isEmpty else { throw mistakes.adding(notMeasured: notMeasured) }
    var plan = AuditPlan(
      implementations: implementations, cells: measurable, outputFormat: formats.outputFormat,
      seed: seed, threads: threads.count, settings: settings)
    plan.oracleTier = oracle.tier
    try addParameters(to: &plan)
    plan.shard = shard
    return (plan, notMeasured, leftOut)
  }

  /// Adds the modifiers and parameters that were asked for to a plan, their files read once for
  /// each format, after they were held against every cell.
  private func addParameters(to plan: inout AuditPlan) throws {
    guard !modifiers.isEmpty || !parameters.isEmpty else { return }
    for format in plan.cells.map(\.format).uniqued() {
      plan.modifiers[format] = try modifiers.given(in: format)
      plan.loss[format] = try parameters.given(integersAre: format.isNarrow ? format : nil)
    }
    for (place, cell) in plan.cells.enumerated() {
      try cell.check(plan.modifiers[cell.format] ?? .none, plan.loss[cell.format] ?? .none)
      guard place == 0, !quiet else { continue }
      if let shape = try cell.attentionShape() {
        modifiers.sayWhatIsTaken(queries: shape.queries, keys: shape.keys, in: cell.format)
      } else {
        modifiers.sayWhatIsTaken(of: try cell.geometry(), in: cell.format)
      }
    }
  }

  /// The implementations asked for by name that have no cell to be measured on.
  private func shortfall(
    of implementations: [any SoftmaxImplementation], on cells: [AuditPlan.Cell]
  ) -> [String] {
    var reasons =
      implementations.unoffered(in: cells.map(\.format).uniqued())
      + formats.format.unoffered(by: implementations)
    let measured = Set(cells.map(\.source.name))
    for wanted in lanes.family.uniqued()
    where !Glob.isGlob(wanted) && !measured.contains(wanted) {
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
    return try lanes.cells(
      of: subjects.operations.asked, in: formats.asked, largestLogit: limits.largestLogit,
      isFromOutside: subjects.hasOutsiders)
  }

  /// The user's own tensor as one cell for each format asked for; its own format where none is.
  private func userCells() throws -> [AuditPlan.Cell] {
    guard limits.largestLogit == nil else {
      throw UserError(.usage, "--logits brings its own lanes; leave --largest-logit out")
    }
    guard lanes.isEmpty, seeds.seed == nil else {
      throw UserError(
        .usage, "--logits brings its own lanes; leave --family, --length, --samples and --seed out")
    }
    let path = logits ?? ""
    let (tensor, name) = try UserLogits.read(
      path, axis: axis ?? -1, formats: formats.format, raw: try rawFile.raw(for: [path]))
    let wanted = formats.format.isEmpty ? [tensor.format] : formats.asked
    for format in wanted where format != tensor.format && !quiet {
      let change = format.contains(tensor.format) ? "converted exactly" : "rounded"
      Console.note(
        "note: \(path) holds \(tensor.format.rawValue); \(change) to \(format.rawValue)")
    }
    return wanted.map { AuditPlan.Cell(format: $0, source: .tensor(name: name, tensor)) }
  }
}
