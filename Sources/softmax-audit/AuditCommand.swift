import ArgumentParser
import AuditReports
import ExternalImplementations
import FloatFormats
import Foundation
import MultiPrecision
import SoftmaxAudit

struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Measures ULP error against the oracle.",
    discussion: """
      Without options, every built-in variant is measured in every format on every family of logits. The same seed \
      gives the same figures on any number of threads.

      Examples:
        softmax-audit audit --implementation 'max-trick/*' --format float32
        softmax-audit audit --family dust --length 4096 --samples 1
        softmax-audit audit --logits logits.npy --axis -1 --format float16 --json results.json
      """)

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A name or glob of implementations (repeatable; default: all).", valueName: "name"))
  var implementation: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: "A format of the logits (repeatable; default: all that the implementation has).")
  var format: [FloatFormat] = []

  @Option(name: .long, help: "The format of the probabilities (default: that of the logits).")
  var outputFormat: FloatFormat?

  @Option(
    name: .long, help: ArgumentHelp("Your own logits instead of families.", valueName: "file.npy"))
  var logits: String?

  @Option(
    name: .long, help: "The axis of the softmax in --logits, negative from the end (default: -1).")
  var axis: Int?

  @Option(
    name: .long, parsing: .singleValue,
    help: "A name or glob of families of logits (repeatable; default: all).")
  var family: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: "A length of lanes (repeatable; default: from 0 to 131072, as the family deserves).")
  var length: [Int] = []

  @Option(name: .long, help: "Lanes per cell (default: up to 64, fewer where they are long).")
  var samples: Int?

  @Option(name: .long, help: "The seed: a number, or 'random', which prints the one it drew.")
  var seed: String?

  @Option(name: .long, help: "Threads (default: one per processor). Never changes a figure.")
  var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Judge by the bound of this model instead of the declared one.", valueName: "model"))
  var declare: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What may come out of lanes with NaN, +inf or only -inf: nan-somewhere (default), nan-everywhere, masked-zero, masked-uniform, infinity-one-hot, or several with commas.",
      valueName: "policy"))
  var specialLanes: String?

  @Option(name: .long, help: "Fail where an error in the normal range exceeds this many ULP.")
  var maxUlp: Double?

  @Option(name: .long, help: ArgumentHelp("Write the results as JSON.", valueName: "file"))
  var json: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Write report.md and results.json into a directory.", valueName: "directory"))
  var report: String?

  @Flag(name: .long, help: "No progress, no notes and no table; only files and the exit status.")
  var quiet = false

  func run() async throws {
    let plan = try makePlan()
    if let json { try OutputFile.checkWritable(json) }
    if let report { try OutputFile.makeDirectory(report) }

    let progress = Progress(isQuiet: quiet)
    let rows = try await Audit(plan).run { progress.show($0, of: $1) }
    progress.finish()

    let results = AuditResults(
      tool: .init(name: "softmax-audit", version: toolVersion),
      command: commandText(), seed: plan.seed,
      oracle: .init(tier: "mpfr", library: "MPFR \(BigFloat.libraryVersion)"),
      environment: Machine.environment(threads: plan.threads), accuracy: rows)
    if let json { try OutputFile.write(ResultsJSON.encode(results), to: json) }
    if let report {
      try OutputFile.write(ResultsJSON.encode(results), to: report + "/results.json")
      try OutputFile.write(Data(MarkdownReport.render(results).utf8), to: report + "/report.md")
    }
    if !quiet { Console.print(TextReport.render(results)) }
    if let report, !quiet { Console.note("report: \(report)/report.md") }
    try leave(rows, plan)
  }

  /// Turns the options into a plan, complaining about the first that makes no sense.
  private func makePlan() throws -> AuditPlan {
    let implementations = try Selection.implementations(implementation)
    guard (threads ?? 1) > 0 else { throw UserError(.usage, "--threads \(threads ?? 0): use at least 1") }
    guard (samples ?? 1) > 0 else { throw UserError(.usage, "--samples \(samples ?? 0): use at least 1") }
    for length in length where length < 0 || length > 1 << 24 {
      throw UserError(.usage, "--length \(length): a length lies between 0 and \(1 << 24)")
    }
    if let maxUlp, !(maxUlp >= 0) { throw UserError(.usage, "--max-ulp \(maxUlp): use a number >= 0") }
    let offered = FloatFormat.allCases.filter { format in
      implementations.contains { $0.formats.contains(format) }
    }
    for wanted in format where !offered.contains(wanted) {
      throw UserError(.notMeasured, "no selected implementation is offered for \(wanted.rawValue)")
    }
    let cells: [AuditPlan.Cell]
    if let logits {
      guard family.isEmpty, length.isEmpty, samples == nil else {
        throw UserError(
          .usage, "--logits brings its own lanes; leave --family, --length and --samples out")
      }
      cells = try userCells(logits, implementations: implementations)
    } else {
      guard axis == nil else {
        throw UserError(.usage, "--axis belongs to --logits; the lanes of families have one axis")
      }
      let formats = format.isEmpty ? offered : FloatFormat.allCases.filter(format.contains)
      cells = AuditPlan.cells(
        families: try Selection.families(family), formats: formats,
        lengths: length.isEmpty ? nil : length.uniqued(), samples: samples)
    }
    guard !cells.isEmpty else {
      throw UserError(.notMeasured, "no selected family has lanes in the selected formats")
    }
    return AuditPlan(
      implementations: implementations, cells: cells, outputFormat: outputFormat,
      seed: try chosenSeed(),
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount,
      settings: MeasurementSettings(
        specialLanes: try specialLanes.map { try Selection.specialLanes($0) },
        declaredModel: try declare.map { try Selection.model($0) }))
  }

  /// The user's own tensor as one cell for each format asked for; its own format where none is.
  private func userCells(
    _ path: String, implementations: [BuiltInImplementation]
  ) throws -> [AuditPlan.Cell] {
    let (tensor, name) = try UserLogits.read(
      path, axis: axis ?? -1, formats: format)
    let formats = format.isEmpty ? [tensor.format] : FloatFormat.allCases.filter(format.contains)
    guard formats.contains(where: { format in implementations.contains { $0.formats.contains(format) } })
    else {
      throw UserError(
        .notMeasured,
        "\(path) holds \(tensor.format.rawValue), for which no selected implementation is offered; name another with --format")
    }
    for format in formats where format != tensor.format && !quiet {
      let exactly = format.contains(tensor.format) ? "exactly" : "to nearest"
      Console.note("note: \(path) holds \(tensor.format.rawValue); converted \(exactly) to \(format.rawValue)")
    }
    return formats.map { AuditPlan.Cell(format: $0, source: .tensor(name: name, tensor)) }
  }

  private func chosenSeed() throws -> UInt64 {
    guard let seed else { return AuditPlan.defaultSeed }
    if seed == "random" {
      let drawn = UInt64.random(in: 0...UInt64(1) << 53)
      Console.note("seed: \(drawn)")
      return drawn
    }
    guard let number = UInt64(seed) else {
      throw UserError(.usage, "--seed \(seed): use a number from 0 to 2^64 - 1, or 'random'")
    }
    return number
  }

  /// The command line as it can be typed again.
  private func commandText() -> String {
    (["softmax-audit"] + CommandLine.arguments.dropFirst()).map(\.quotedForShell)
      .joined(separator: " ")
  }

  /// Leaves with the status that the rows deserve.
  private func leave(_ rows: [AccuracyRow], _ plan: AuditPlan) throws {
    for row in rows {
      if let limit = maxUlp, let worst = row.maxUlp?.value, worst > limit {
        Console.note(
          "failed: \(row.implementation) in \(row.inputFormat), family \(row.family), length \(row.length): \(worst) ulp exceed --max-ulp \(limit)")
        throw ExitCode(Exit.failed)
      }
    }
    if rows.contains(where: \.isFailure) { throw ExitCode(Exit.failed) }
    // Every implementation must have been measured in at least one cell, and nothing may be left undecided.
    for implementation in plan.implementations
    where !rows.contains(where: { $0.implementation == implementation.name }) {
      Console.note("not measured: \(implementation.name) is not offered for the formats asked for")
      throw ExitCode(Exit.notMeasured)
    }
    if rows.contains(where: { $0.undecided > 0 }) { throw ExitCode(Exit.notMeasured) }
  }
}

extension Sequence where Element: Hashable {
  /// The elements without repetitions, in order.
  func uniqued() -> [Element] {
    var seen = Set<Element>()
    return filter { seen.insert($0).inserted }
  }
}

extension String {
  /// The text as one word of a shell command.
  var quotedForShell: String {
    let safe = allSatisfy { $0.isLetter || $0.isNumber || "-_./=,:+@%".contains($0) }
    return safe && !isEmpty ? self : "'" + replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
