import ArgumentParser
import AuditRecords
import AuditReports
import AuditedOperations
import Audits
import Basics
import ErrorMeasurement
import ExternalImplementations
import FloatFormats
import Foundation
import Oracle
import PropertyTesting

struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Audits tensors saved by somebody else.",
    discussion: """
      For softmaxes on GPUs, phones and other machines: compute there, save, and verify here. \
      Files are .npy; .npz or .safetensors with the name of the tensor behind a colon; .pb as ONNX \
      saves tensors; or raw elements with --shape and --dtype. The formats are those that the files \
      have, and may differ; dimensions of 1 that only one of two files has do not matter. Lanes are \
      read one by one, so that files may be larger than memory.

      Every operation has inputs and an output with roles: --input logits=x.npy --input \
      upstream=g.npy --output gradient=dx.npy. --logits x.npy is --input logits=x.npy, \
      --probabilities y.npy is --output probabilities=y.npy. Targets are int32 or int64.

      With --inputs, a directory that 'softmax-audit export' wrote, --outputs is a directory with \
      files of the same names; each family becomes a row of its own.

      With --claims, decimals that somebody printed: a JSON array of claims \
      {"id": "lecture", "logits": [2.0, 1.0, 0.1], "axis": -1, "format": "float64", \
      "printed": ["0.7", "0.2", "0.1"], "note": ""}, with logits and printed nested alike. Each \
      decimal is compared with the exact value; what is off is told apart by size (arithmetic, a \
      lower precision) and by the wrong formulas that give it. Exit status 1: a claim does not hold.

      Examples:
        softmax-audit verify --logits x.npy --probabilities y.npy --axis -1
        softmax-audit verify --logits x.safetensors:logits --probabilities y.npz:y
        softmax-audit verify --logits x.bin --probabilities y.bin --shape 32,10 --dtype float32
        softmax-audit verify --logits x.npy --probabilities y.npy --computed-in bfloat16
        softmax-audit verify --inputs inputs --outputs outputs --name 'my kernel'
        softmax-audit verify --operation cross-entropy --logits x.npy --input targets=t.npy --output \
      loss=l.npy
        softmax-audit verify --logits x.npy --probabilities y.npy --scale 0.125 --mask causal
        softmax-audit verify --operation attention --input query=q.npy --input key=k.npy --input \
      value=v.npy --output output=o.npy --output logsumexp=l.npy --causal
        softmax-audit verify --logits x.npy --probabilities y.npy --quantised \
      logits=0.1,-3,int8 --quantised probabilities=0x1p-8,-128,int8
        softmax-audit verify --claims claims.json
      """)

  @OptionGroup
  var operation: SavedOperationOptions

  @OptionGroup
  var quantized: QuantizedOptions

  @Option(
    name: .long, parsing: .unconditional,
    help: "The axis of the lanes, negative from the end (default: -1).")
  var axis: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Logits in a directory that export wrote.", valueName: "directory"))
  var inputs: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What was computed of --inputs, in files of the same names.", valueName: "directory"))
  var outputs: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Decimals that somebody published, with their logits.", valueName: "file"))
  var claims: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What 16-bit integers in the files are the bit patterns of, float16 or bfloat16, or what bytes are, one of the 8-bit formats.",
      valueName: "format"))
  var format: FloatFormat?

  @OptionGroup
  var rawFile: RawFileOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Measure in ulp of this narrower format, which the outputs were computed in before they were saved in another.",
      valueName: "format"))
  var computedIn: FloatFormat?

  @Option(
    name: .long,
    help: "What the implementation is called in the results (default: the name of its file).")
  var name: String?

  @OptionGroup
  var threads: ThreadOptions

  @OptionGroup(title: "How to judge")
  var judging: MeasuringOptions

  @OptionGroup(title: "How to judge")
  var special: SpecialLaneOptions

  @OptionGroup
  var oracle: OracleOptions

  @OptionGroup
  var cost: ConsequenceOptions

  @OptionGroup
  var judgedElsewhere: ElsewhereOptions

  @OptionGroup
  var results: ReportOptions

  var quiet: Bool { results.output.quiet }

  /// The tensors to be measured, and those that cannot be.
  struct Plan {
    struct Item {
      let implementation: String
      let family: String
      let tensors: any VerifiedTensors

      /// The name of the tensors in messages on progress.
      var label: String { (tensors as? AttentionPair)?.part.rawValue ?? family }
    }

    var items: [Item] = []
    /// The shape of the lanes; empty where files were exported, and bring their shapes.
    var heading = ""
    /// The lanes that are verified, and what files show that nobody said.
    var notes: [String] = []
    var notMeasured: [String] = []
    /// Files that are wrong; the others are measured all the same.
    var malformed: [UserError] = []
  }

  func run() async throws {
    if let claims { return try verifyClaims(claims) }
    let (plan, settings) =
      try isAboutAttention && inputs == nil ? makeAttentionPlan() : makePlan()
    for note in plan.notes { Console.note("note: \(note)") }
    try results.prepare()
    var rows: [AccuracyRow] = []
    for item in plan.items {
      let progress = Progress(isQuiet: quiet, what: "parts of \(item.label)")
      rows.append(
        try await Verification(
          item.tensors, implementation: item.implementation, settings: settings,
          threads: threads.count, tier: oracle.tier
        ).run { progress.show($0, of: $1) })
      progress.finish()
    }
    try await finish(
      rows, heading: plan.heading, notMeasured: plan.notMeasured, malformed: plan.malformed
    ) { maximum in
      let item = plan.items.first { $0.family == maximum.origin }
      return try (item?.tensors as? Verification.Pair)?.logits(of: maximum)
    }
  }

  /// Writes and prints what was measured, and leaves with its status.
  func finish(
    _ rows: [AccuracyRow], heading: String, notMeasured: [String] = [],
    malformed: [UserError] = [],
    lanes: @escaping EvidenceMaker.LaneSource = { _ in nil }
  ) async throws {
    var measured = AuditResults(
      .ofThisRun(tier: oracle.tier, threads: threads.count), seed: RunSeed.standard, accuracy: rows)
    measured.judging = judging.note(special)
    measured.judging?.maxSteps = quantized.maxSteps.map { Figure($0) }
    let tellPage = try results.write(measured, heading: heading, lanes: lanes)
    defer { tellPage() }
    try judgedElsewhere.sayWhatCannotPass(rows, quietly: quiet)
    var outcome = RunOutcome(of: measured, notMeasured: notMeasured)
    outcome.add(malformed)
    try outcome.leave(quietly: quiet)
  }

  /// The shape of the lanes of the tensors: an axis that was forgotten shows here.
  private func echo(of pair: Verification.Pair) -> String {
    let geometry = pair.geometry
    let shape = geometry.shape.map { "\($0)" }.joined(separator: ", ")
    let lanes = geometry.laneCount == 1 ? "1 lane" : "\(geometry.laneCount) lanes"
    return
      "\(pair.family): shape (\(shape)), axis \(geometry.axis) of 0...\(geometry.shape.count - 1), "
      + "\(lanes) of \(geometry.length)\n\n"
  }

  private func makePlan() throws -> (Plan, MeasurementSettings) {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    judging.check(&mistakes)
    if let format, !format.isNarrow {
      mistakes.add(
        .usage,
        "--format \(format.rawValue): files say themselves what they hold, but for float16 and bfloat16 saved as 16-bit integers and 8-bit formats saved as bytes"
      )
    }
    let wantedSettings = try mistakes.collect {
      var settings = try judging.settings(
        special, judgedElsewhere,
        of: AuditedOperation(named: operation.inputs.operation) ?? .softmax)
      settings.measuresConsequences = cost.consequences
      return settings
    }
    try OutputPlaces(
      files: results.files, directories: results.directories,
      inputs: operation.namedFiles + filesIn(inputs) + filesIn(outputs)
    ).check(&mistakes)
    checkOperation(&mistakes)
    checkQuantized(&mistakes)
    let wantedPairs = try mistakes.collect { try pairs() }
    let (settings, plan) = try mistakes.require(wantedSettings, wantedPairs)
    guard !plan.items.isEmpty else {
      for error in plan.malformed { mistakes.add(error.kind, error.message) }
      throw mistakes.adding(notMeasured: plan.notMeasured)
    }
    return (plan, settings)
  }

  /// Adds what other operations than softmax cannot be asked for.
  private func checkOperation(_ mistakes: inout Mistakes) {
    let name = operation.inputs.operation
    if let operation = AuditedOperation(named: name) {
      cost.check(&mistakes, of: operation)
    }
    if isAboutAttention {
      OperationOptions.refuseForAttention(
        [
          ("--elsewhere, --rtol and --atol", !judgedElsewhere.isEmpty),
          ("--declare", judging.bound.declare != nil),
        ], &mistakes)
    }
    guard name != AuditedOperation.softmax.name else { return }
    if inputs != nil || outputs != nil, AuditedOperation(named: name) == nil {
      mistakes.add(
        .usage,
        "--inputs and --outputs are about operations that export knows: "
          + "\(AuditedOperation.names); name files with --input and --output")
    }
  }

  /// Adds what is wrong with quantised tensors, and what says nothing of outputs in steps.
  private func checkQuantized(_ mistakes: inout Mistakes) {
    if judging.judge == .nothing, quantized.maxSteps != nil {
      mistakes.add(.usage, "--judge nothing judges nothing; leave --max-steps out")
    }
    if inputs != nil, !quantized.isEmpty {
      mistakes.add(
        .usage,
        "--inputs brings floating-point files; leave \(quantized.quantised.isEmpty ? "--max-steps" : "--quantised") out"
      )
    }
    guard let operation = AuditedOperation(named: operation.inputs.operation),
      let roles = try? quantized.roles(of: operation), roles[operation.output.role] != nil
    else { return }
    let others: [(name: String, isGiven: Bool)] = [
      ("--computed-in", computedIn != nil), ("--declare", judging.bound.declare != nil),
      ("--underflow", judging.bound.underflow != nil),
      ("--max-ulp (there is --max-steps)", judging.limit.maxUlp != nil),
      ("--elsewhere, --rtol and --atol", !judgedElsewhere.isEmpty),
      ("--consequences", cost.consequences),
      ("--evidence", results.evidence.evidence != nil),
    ]
    for option in others where option.isGiven {
      mistakes.add(
        .usage,
        "\(option.name) is about floating-point outputs, and --quantised \(operation.output.role) is judged in steps; leave it out"
      )
    }
  }

  private func pairs() throws -> Plan {
    switch (operation.namedFiles.isEmpty, inputs, outputs) {
    case (false, nil, nil) where !operation.isHalfOfShortForm:
      return try pair()
    case (true, let inputs?, let outputs?)
    where !operation.modifiers.isEmpty || !operation.parameters.isEmpty:
      let options = operation.modifiers.words + operation.parameters.words
      throw UserError(
        .usage,
        "\(inputs) says what it was exported with, and \(outputs) belongs to it; leave \(options.first ?? "--reduction") out"
      )
    case (true, let inputs?, let outputs?):
      guard axis == nil, format == nil, computedIn == nil, rawFile.isEmpty else {
        throw UserError(
          .usage,
          "--inputs brings axes, shapes and formats with it; leave --axis, --format, --computed-in, --shape and --dtype out"
        )
      }
      return try exported(inputs, outputs)
    default:
      throw UserError(
        .usage,
        "name --logits and --probabilities, or --inputs and --outputs, or --claims, and nothing else"
      )
    }
  }

  private func pair() throws -> Plan {
    let files = try operation.files()
    let quantizations = try quantized.roles(of: files.inputs.operation)
    let raw = try rawFile.raw(for: files.tensors)
    let (inputs, parameters) = try files.inputs.read(
      axis: axis ?? -1, integersAre: format, raw: raw, quantized: quantizations)
    if let quantization = quantizations[inputs.operation.output.role] {
      return try quantizedPair(files, inputs, parameters, quantizations, quantization)
    }
    let given = try SavedTensor.read(files.output, integersAre: format, raw: raw)
    let formats = [inputs.first.format, given.format]
    if let format, !formats.contains(format), inputs.upstream?.format != format {
      throw UserError(
        .usage,
        "--format \(format.rawValue) is for \(format.bitWidth)-bit integers; "
          + "\(files.inputs.first) holds \(formats[0].rawValue), \(files.output) \(formats[1].rawValue)"
          + "; leave it out")
    }
    // Where they differ in more than dimensions of 1, the pair says so.
    let fitting = given.withShape(inputs.outputShape) ?? given
    var pair = try Verification.Pair(
      family: Self.fileName(files.inputs.first), inputs: inputs,
      outputs: try inFormatOfComputation(fitting, name: files.output))
    pair.parameters = parameters
    pair.quantizations = quantizations
    return Plan(
      items: [
        .init(
          implementation: name ?? Self.fileName(files.output), family: pair.family, tensors: pair)
      ], heading: echo(of: pair),
      notes: quiet ? [] : try description(of: pair, given: given, fitting, name: files.output))
  }

  /// Outputs that are quantised, with inputs that may be.
  private func quantizedPair(
    _ files: SavedOperationOptions.Files, _ inputs: SavedInputs, _ parameters: RowParameters?,
    _ quantizations: [String: Quantization], _ quantization: Quantization
  ) throws -> Plan {
    let isQuantized = quantizations[inputs.operation.inputs[0].rawValue] != nil
    if let format, isQuantized || inputs.first.format != format {
      throw UserError(
        .usage, "--format \(format.rawValue) is about neither file; leave it out")
    }
    let given = try QuantizedTensor.read(files.output, quantization)
    var pair = try Verification.Pair(
      family: Self.fileName(files.inputs.first), inputs: inputs,
      outputs: given.withShape(inputs.outputShape) ?? given)
    pair.parameters = parameters
    pair.quantizations = quantizations
    return Plan(
      items: [
        .init(
          implementation: name ?? Self.fileName(files.output), family: pair.family, tensors: pair)
      ], heading: echo(of: pair),
      notes: quiet ? [] : shapeNotes(of: pair, given: given.shape))
  }

  /// The outputs in the format that they were computed in.
  private func inFormatOfComputation(
    _ probabilities: SavedTensor, name: String
  ) throws -> any LaneSource {
    guard let computedIn, computedIn != probabilities.format else { return probabilities }
    guard CoarserGrid.narrower(than: probabilities.format).contains(computedIn) else {
      throw UserError(
        .usage,
        "--computed-in \(computedIn.rawValue): \(name) holds \(probabilities.format.rawValue), which is no wider; leave it out"
      )
    }
    return try RoundedLanes(exactly: probabilities, as: computedIn, name: name)
  }

  private func description(
    of pair: Verification.Pair, given: SavedTensor, _ fitting: SavedTensor, name: String
  ) throws -> [String] {
    var notes = shapeNotes(of: pair, given: given.shape)
    if computedIn == nil, let grid = try CoarserGrid.format(of: fitting) {
      notes.append(
        "every value of \(name) is a \(grid.rawValue) number; if it was computed in \(grid.rawValue), say --computed-in \(grid.rawValue)"
      )
    }
    return notes
  }

  private func shapeNotes(of pair: Verification.Pair, given shape: [Int]) -> [String] {
    let operation = pair.inputs.operation
    guard operation.output.extent == .lane, shape != pair.geometry.shape else { return [] }
    return [
      "the \(operation.output.role) \(operation == .softmax ? "have" : "has") the shape \(shape), which differs in dimensions of 1 alone"
    ]
  }

  private func exported(_ inputs: String, _ outputs: String) throws -> Plan {
    let exported = try ExportedTensors(inputs, outputs)
    guard exported.operation.name == operation.inputs.operation else {
      let asked = exported.operation
      throw UserError(
        .usage, "\(inputs) was exported for \(asked); ask for it with --operation \(asked)")
    }
    var plan = Plan()
    let implementation = name ?? "file:" + URL(fileURLWithPath: outputs).lastPathComponent
    for entry in exported.manifest.tensors {
      do {
        let found = try exported.tensors(of: entry)
        if found.isEmpty { plan.notMeasured.append("\(exported.output(of: entry)) is missing") }
        plan.items += found.map {
          Plan.Item(implementation: implementation, family: entry.family, tensors: $0)
        }
      } catch let error as UserError {
        plan.malformed.append(error)
      }
    }
    return plan
  }

  /// The files in a directory.
  private func filesIn(_ directory: String?) -> [String] {
    guard let directory else { return [] }
    let names = try? FileManager.default.contentsOfDirectory(atPath: directory)
    return (names ?? []).map { directory + "/" + $0 }
  }

  /// The name in results: without the directories of this machine.
  static func fileName(_ path: String) -> String {
    "file:" + URL(fileURLWithPath: path).lastPathComponent
  }
}
