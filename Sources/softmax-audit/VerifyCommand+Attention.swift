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

  /// The outputs of an attention in files, with their inputs.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  func makeAttentionPlan() throws -> (Plan, MeasurementSettings) {
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
        ("--quantised", !quantized.quantised.isEmpty),
        ("--max-steps", quantized.maxSteps != nil),
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
    let items = try AttentionPart.allCases.compactMap { part -> Plan.Item? in
      guard let file = outputs[part.rawValue] else { return nil }
      let pair = try AttentionPair(
        family: Self.fileName(files.query), inputs: saved, part: part,
        saved: SavedTensor.read(file, integersAre: format, raw: raw))
      return Plan.Item(
        implementation: name ?? Self.fileName(file), family: pair.family, tensors: pair)
    }
    return (Plan(items: items, heading: heading(of: saved.shape)), settings)
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

extension AttentionPair {
  /// Inputs and a tensor from a file, which may lack dimensions of 1 or have more of them.
  init(
    family: String, inputs: SavedAttention, part: AttentionPart, saved tensor: SavedTensor
  ) throws {
    try self.init(
      family: family, inputs: inputs, part: part,
      outputs: tensor.withShape(inputs.laneShape(of: part)) ?? tensor)
  }
}
