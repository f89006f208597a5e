import AuditRecords
import AuditedOperations
import Audits
import Basics
import ErrorMeasurement
import ExternalImplementations
import FloatFormats

extension VerifyCommand {
  /// Whether the operation asked for is attention, whose lanes are rows.
  var isAboutAttention: Bool {
    operation.inputs.operation == AuditedOperation.attention.name
  }

  /// Measures the outputs of an attention.
  func verifyAttention() async throws {
    let (pairs, settings) = try attentionPlan()
    try results.prepare()
    var rows: [AccuracyRow] = []
    for pair in pairs {
      let progress = Progress(isQuiet: quiet, what: "parts of \(pair.part.rawValue)")
      rows.append(
        try await Verification(
          pair.saved, implementation: name ?? pair.name, settings: settings,
          threads: threads.count, tier: oracle.tier
        ).run { progress.show($0, of: $1) })
      progress.finish()
    }
    try await finish(rows, heading: heading(of: pairs[0].saved.inputs.shape))
  }

  /// An output with its inputs.
  private struct NamedPair {
    let saved: AttentionPair
    /// The name of an implementation that was given none.
    let name: String
    var part: AttentionPart { saved.part }
  }

  private func attentionPlan() throws -> ([NamedPair], MeasurementSettings) {
    var mistakes = Mistakes()
    threads.check(&mistakes)
    judging.check(&mistakes)
    if outputs != nil {
      mistakes.add(.usage, "--outputs belongs to --inputs; there is none")
    }
    OperationOptions.refuseForAttention(
      [
        ("--computed-in", computedIn != nil), ("--consequences", cost.consequences),
        ("--elsewhere, --rtol and --atol", !judgedElsewhere.isEmpty),
        ("--declare", judging.bound.declare != nil),
        ("--probabilities", operation.probabilities != nil),
      ], &mistakes)
    let wantedSettings = try mistakes.collect { try judging.settings(special) }
    try OutputPlaces(
      files: results.files, directories: results.directories, inputs: operation.namedFiles
    ).check(&mistakes)
    let wantedFiles = try mistakes.collect {
      try SavedAttentionFiles(
        operation.inputs, operation.parameters, operation.modifiers, axis: axis)
    }
    let outputs = SavedInputOptions.byRole(
      [], operation.output, option: "--output", of: .attention,
      expected: AttentionPart.allCases.map(\.rawValue), needsAll: false, &mistakes)
    let (settings, files) = try mistakes.require(wantedSettings, wantedFiles)
    let raw = try rawFile.raw(for: files.all + outputs.values.sorted())
    let saved = try files.read(integersAre: format, raw: raw, quietly: quiet)
    let pairs = try AttentionPart.allCases.compactMap { part -> NamedPair? in
      guard let file = outputs[part.rawValue] else { return nil }
      let tensor = try SavedTensor.read(file, integersAre: format, raw: raw)
      let fitting = tensor.withShape(saved.laneShape(of: part)) ?? tensor
      return NamedPair(
        saved: try AttentionPair(
          family: Self.fileName(files.query), inputs: saved, part: part, outputs: fitting),
        name: Self.fileName(file))
    }
    return (pairs, settings)
  }

  /// The sizes of the tensors: heads and lengths that stand in each other's place show here.
  private func heading(of shape: AttentionShape) -> String {
    let heads =
      shape.keyHeads == shape.heads
      ? "heads \(shape.heads)" : "heads \(shape.heads) (of keys \(shape.keyHeads))"
    return "attention: batch \(shape.batch), \(heads), \(shape.queries) queries, "
      + "\(shape.keys) keys, dimension \(shape.dimension), of values \(shape.valueDimension)\n\n"
  }
}
