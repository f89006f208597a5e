import Basics
import Foundation

/// The list of what export wrote into a directory.
struct ExportManifest: Codable {
  static let currentSchema = "softmax-audit/inputs/1"
  static let fileName = "manifest.json"

  var schema = currentSchema
  var seed: UInt64
  /// The operation whose inputs they are; nil for softmax.
  var operation: String?
  var tensors: [Entry]

  struct Entry: Codable {
    var file: String
    var format: String
    var family: String
    var shape: [Int]
    var axis: Int

    var hasAxis: Bool { (-shape.count..<shape.count).contains(axis) }
  }

  /// The manifest of a directory.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where there is none, or not of this version.
  static func read(in directory: String) throws(UserError) -> ExportManifest {
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
    for entry in manifest.tensors where entry.file.contains("/") {
      throw UserError(
        .malformedInput, "\(path) lists \(entry.file), which lies in another directory")
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
