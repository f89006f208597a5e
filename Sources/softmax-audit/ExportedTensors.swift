import AuditRecords
import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats
import Foundation

/// Inputs that were exported into a directory, and the outputs that came back in another.
struct ExportedTensors {
  let manifest: ExportManifest
  let operation: AuditedOperation
  private let inputs: String
  private let outputs: String

  /// - Throws: ``UserError`` where the directory holds no export.
  init(_ inputs: String, _ outputs: String) throws {
    self.inputs = inputs
    self.outputs = outputs
    manifest = try ExportManifest.read(in: inputs)
    operation = try manifest.operation(in: inputs)
  }

  /// The path of the outputs of an entry.
  func output(of entry: ExportManifest.Entry) -> String {
    outputs + "/" + entry.outputFile(of: operation)
  }

  /// The inputs of an entry with each of its outputs that is there.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where files hold something else.
  func tensors(of entry: ExportManifest.Entry) throws -> [any VerifiedTensors] {
    guard FileManager.default.fileExists(atPath: output(of: entry)) else { return [] }
    return operation == .attention ? try attention(entry) : [try lanes(entry)]
  }

  // MARK: Files

  /// The format that integers of a file stand for; `nil` where files of the format say it
  /// themselves.
  private func integers(_ entry: ExportManifest.Entry) -> FloatFormat? {
    entry.format == .bfloat16 || entry.format.isOfEightBits ? entry.format : nil
  }

  private func first(_ entry: ExportManifest.Entry) throws -> SavedTensor {
    let tensor = try SavedTensor.read(inputs + "/" + entry.file, integersAre: integers(entry))
    guard tensor.shape == entry.shape, tensor.format == entry.format else {
      throw UserError(
        .malformedInput, "\(inputs)/\(entry.file) is not what the manifest says; export again")
    }
    return tensor
  }

  private func path(_ role: InputRole, _ entry: ExportManifest.Entry) throws(UserError) -> String {
    guard let file = entry.file(of: role) else {
      throw UserError(
        .malformedInput, "the manifest names no \(role.rawValue) of \(entry.file); export again")
    }
    return inputs + "/" + file
  }

  private func other(_ role: InputRole, _ entry: ExportManifest.Entry) throws -> SavedTensor {
    try SavedTensor.read(path(role, entry), integersAre: integers(entry))
  }

  // MARK: Operations

  private func lanes(_ entry: ExportManifest.Entry) throws -> Verification.Pair {
    let logits = try first(entry)
    let given = try manifest.given(in: logits.format, of: inputs)
    let own = try SavedInputs(
      operation, logits, axis: entry.axis,
      upstream: operation.inputs.contains(.upstream) ? other(.upstream, entry) : nil,
      targets: operation.inputs.contains(.targets)
        ? SavedIntegers.read(path(.targets, entry)).values : [],
      parameters: given.loss.replacing(in: CrossEntropyParameters()),
      modifiers: given.modifiers.modifiers(
        of: LaneGeometry(shape: logits.shape, axis: entry.axis), in: logits.format))
    let computed = try SavedTensor.read(output(of: entry), integersAre: integers(entry))
    var pair = try Verification.Pair(
      family: entry.family, inputs: own,
      outputs: operation.output.extent == .lane
        ? computed : computed.withShape(own.outputShape) ?? computed)
    pair.parameters = RowParameters(given.modifiers, given.loss)
    return pair
  }

  /// The output of an attention, and its logsumexp where there is a file of it beside.
  private func attention(_ entry: ExportManifest.Entry) throws -> [AttentionPair] {
    let (query, key, value) = (try first(entry), try other(.key, entry), try other(.value, entry))
    let given = try manifest.given(in: query.format, of: inputs)
    let saved = try SavedAttention(
      query: query, key: key, value: value, given: given.modifiers)
    let output = output(of: entry)
    let ending = ".\(AttentionPart.output.rawValue).npy"
    return try AttentionPart.allCases.compactMap { part -> AttentionPair? in
      let file =
        part == .output ? output : output.dropLast(ending.count) + ".\(part.rawValue).npy"
      guard FileManager.default.fileExists(atPath: file) else { return nil }
      return try AttentionPair(
        family: entry.family, inputs: saved, part: part,
        saved: SavedTensor.read(file, integersAre: integers(entry)))
    }
  }
}
