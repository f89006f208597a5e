import Foundation
import SoftmaxAudit

/// The list of what export wrote into a directory.
struct ExportManifest: Codable {
  static let currentSchema = "softmax-audit/inputs/1"
  static let fileName = "manifest.json"

  var schema = currentSchema
  var seed: UInt64
  var tensors: [Entry]

  struct Entry: Codable {
    var file: String
    var format: String
    var family: String
    var shape: [Int]
    var axis: Int
  }

  /// The manifest of a directory.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where there is none, or not of this version.
  static func read(in directory: String) throws(UserError) -> ExportManifest {
    let path = directory + "/" + fileName
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw UserError(
        .malformedInput, "\(path) cannot be read; name a directory that export wrote")
    }
    guard let manifest = try? JSONDecoder().decode(ExportManifest.self, from: data),
      manifest.schema == currentSchema
    else {
      throw UserError(
        .malformedInput, "\(path) is not a manifest of schema \(currentSchema); export again")
    }
    // Files beside the manifest, and nowhere else.
    for entry in manifest.tensors where entry.file.contains("/") {
      throw UserError(
        .malformedInput, "\(path) lists \(entry.file), which lies in another directory")
    }
    return manifest
  }
}
