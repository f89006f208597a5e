import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A `.npz` file: arrays by name, each a `.npy` file within a zip archive.
enum NumpyArchive {
  private static let suffix = ".npy"

  /// The path and array that a text names; nil where it names no such file.
  static func split(_ text: String) -> (path: String, array: String?)? {
    if text.hasSuffix(".npz") { return (text, nil) }
    guard let range = text.firstRange(of: ".npz:") else { return nil }
    return (String(text[..<range.upperBound].dropLast()), String(text[range.upperBound...]))
  }

  /// An array of the archive in bytes.
  ///
  /// - Parameters:
  ///   - name: What the file is called in messages.
  ///   - wanted: The name of the array; nil where there is only one.
  ///   - integers: The format that 16-bit integers are the bit patterns of.
  /// - Throws: ``UserError`` of kind `malformedInput` where there is no such array.
  static func array(
    in bytes: Data, name: String, _ wanted: String?, integersAre integers: FloatFormat?
  ) throws(UserError) -> NumpyArray {
    let (content, chosen) = try content(in: bytes, name: name, wanted)
    return try NumpyArray(
      parsing: content, name: "\(name):\(chosen)", integersAre: integers)
  }

  /// The `.npy` file of an array of the archive in bytes, and the name of the array.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where there is no such array.
  static func content(
    in bytes: Data, name: String, _ wanted: String?
  ) throws(UserError) -> (Data, array: String) {
    guard ZipArchive.isArchive(bytes) else {
      throw UserError(
        .malformedInput, "\(name) is no .npz archive; save arrays by name with numpy.savez")
    }
    let archive = try ZipArchive(parsing: bytes, name: name)
    let names = archive.names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(4)) }
    guard let chosen = wanted ?? (names.count == 1 ? names[0] : nil), names.contains(chosen) else {
      let listed = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", ..." : "")
      let complaint = wanted.map { "has no array \($0)" } ?? "holds \(names.count) arrays"
      throw UserError(
        .malformedInput,
        names.isEmpty
          ? "\(name) holds no array"
          : "\(name) \(complaint); name one as \(name):NAME, of \(listed)")
    }
    return (try archive.content(of: chosen + suffix), chosen)
  }
}
