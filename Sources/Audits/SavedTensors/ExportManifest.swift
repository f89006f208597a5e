import AuditedOperations
import Basics
import FloatFormats
import Foundation

/// The list of what export wrote into a directory.
package struct ExportManifest: Codable {
  package static let currentSchema = "softmax-audit/inputs/1"
  package static let fileName = "manifest.json"

  package var schema = currentSchema
  package var seed: UInt64
  /// The operation whose inputs they are; nil for softmax.
  package var operation: String?
  /// The modifiers and parameters that the outputs are to be computed with; nil for the usual ones.
  package var parameters: Parameters?
  package var tensors: [Entry]

  package init(seed: UInt64, operation: String?, tensors: [Entry]) {
    self.seed = seed
    self.operation = operation
    self.tensors = tensors
  }

  /// Modifiers of logits and parameters of losses, all of them optional.
  package struct Parameters: Codable {
    package var scale: Double?
    package var softcap: Double?
    package var causal: CausalAlignment?
    /// One sink for every lane; a text, for it may be -inf.
    package var sink: String?
    package var labelSmoothing: Double?
    package var ignoreIndex: Int64?
    /// The files of masks, sinks and class weights, by the format of the logits and what they are.
    package var files: [String: [String: String]]?

    package init() {}
  }

  package struct Entry: Codable {
    package var file: String
    package var format: FloatFormat
    package var family: String
    package var shape: [Int]
    package var axis: Int
    /// The files of the inputs beside the first, by role.
    package var others: [String: String] = [:]

    package init(
      file: String, format: FloatFormat, family: String, shape: [Int], axis: Int,
      others: [String: String] = [:]
    ) {
      self.file = file
      self.format = format
      self.family = family
      self.shape = shape
      self.axis = axis
      self.others = others
    }

    /// The file of an input beside the first.
    package func file(of role: InputRole) -> String? { others[role.rawValue] }

    package var hasAxis: Bool { (-shape.count..<shape.count).contains(axis) }

    /// The name of the file that the outputs are looked for in: the role of the output stands for
    /// that of the input.
    package func outputFile(of operation: AuditedOperation) -> String {
      let ending = ExportManifest.role(of: operation.inputs[0].rawValue, in: operation) + ".npy"
      guard operation != .softmax, file.hasSuffix(ending) else { return file }
      return file.dropLast(ending.count)
        + ExportManifest.role(of: operation.output.role, in: operation) + ".npy"
    }
  }

  /// The ending of the name of a file before `.npy`; nothing for softmax, whose short names are
  /// those of every export before there were other operations.
  package static func role(of name: String, in operation: AuditedOperation) -> String {
    operation == .softmax ? "" : ".\(name)"
  }

  /// The operation whose inputs they are.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where there is no such operation.
  package func operation(in directory: String) throws(UserError) -> AuditedOperation {
    guard let operation else { return .softmax }
    guard let known = AuditedOperation(named: operation) else {
      throw UserError(
        .malformedInput,
        "\(directory)/\(Self.fileName) is of the operation \(operation), which is not known; there are \(AuditedOperation.names)"
      )
    }
    return known
  }

  /// The manifest of a directory.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where there is none, or not of this version.
  package static func read(in directory: String) throws(UserError) -> ExportManifest {
    let path = directory + "/" + fileName
    let data = try MappedFile.document(path, advice: "a directory that export wrote")
    guard let manifest = try? StrictJSON.decode(ExportManifest.self, from: data),
      manifest.schema == currentSchema
    else {
      throw UserError(
        .malformedInput, "\(path) is not a manifest of schema \(currentSchema); export again")
    }
    guard !manifest.tensors.isEmpty else {
      throw UserError(.malformedInput, "\(path) lists no tensor; export again")
    }
    // Files beside the manifest, and nowhere else.
    let others = (manifest.parameters?.files ?? [:]).values.flatMap(\.values)
    for file in manifest.tensors.flatMap({ [$0.file] + $0.others.values }) + others
    where file.contains("/") {
      throw UserError(.malformedInput, "\(path) lists \(file), which lies in another directory")
    }
    for entry in manifest.tensors where !entry.hasAxis {
      throw UserError(
        .malformedInput,
        "\(path) gives \(entry.file) of shape \(entry.shape) the axis \(entry.axis), which it does not have; export again"
      )
    }
    return manifest
  }
}

extension ExportManifest.Entry {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case file, format, family, shape, axis, others
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      file: try values.decode(String.self, forKey: .file),
      format: try values.decode(FloatFormat.self, forKey: .format),
      family: try values.decode(String.self, forKey: .family),
      shape: try values.decode([Int].self, forKey: .shape),
      axis: try values.decode(Int.self, forKey: .axis),
      others: try values.decodeIfPresent([String: String].self, forKey: .others) ?? [:])
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(format, forKey: .format)
    try container.encode(family, forKey: .family)
    try container.encode(shape, forKey: .shape)
    try container.encode(axis, forKey: .axis)
    if !others.isEmpty { try container.encode(others, forKey: .others) }
  }
}
