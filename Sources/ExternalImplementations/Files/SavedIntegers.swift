import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Integers in a file: class numbers.
package struct SavedIntegers: Sendable {
  package let shape: [Int]
  /// The integers in row-major order.
  package let values: [Int64]

  package init(shape: [Int], values: [Int64]) {
    self.shape = shape
    self.values = values
  }

  /// The integers in a file: `.npy`, `.npz` or `.safetensors`, with the name behind a colon as for
  /// ``SavedTensor``, of 32 or 64 bits with a sign.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where the file holds no such integers.
  package static func read(_ name: String) throws(UserError) -> SavedIntegers {
    if let (path, tensor) = SafetensorsFile.split(name) {
      return try SavedIntegers(SafetensorsFile(contentsOf: path).integers(tensor))
    }
    if let (path, array) = NumpyArchive.split(name) {
      let (content, chosen) = try NumpyArchive.content(
        in: try MappedFile.contents(of: path), name: path, array)
      return try SavedIntegers(parsing: content, name: "\(path):\(chosen)")
    }
    return try SavedIntegers(parsing: try MappedFile.contents(of: name), name: name)
  }

  /// The integers in the bytes of a `.npy` file.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where the bytes are no such file.
  init(parsing bytes: Data, name: String) throws(UserError) {
    try self.init(
      NumpyArray.patterns(
        in: bytes, name: name, of: ["i4": .float32, "i8": .float64]
      ) { _ in
        "does not hold int32 or int64 numbers, as class numbers are; convert it, for "
          + "example with array.astype(numpy.int64)"
      })
  }

  /// The integers whose bit patterns a tensor has.
  private init(_ patterns: SavedTensor) throws(UserError) {
    shape = patterns.shape
    // A single number has no axis to read along.
    let listed = shape.isEmpty ? patterns.withShape([1]) ?? patterns : patterns
    if patterns.format == .float32 {
      values = try listed.elements(as: Float.self).map {
        Int64(Int32(bitPattern: $0.bitPattern))
      }
    } else {
      values = try listed.elements(as: Double.self).map { Int64(bitPattern: $0.bitPattern) }
    }
  }
}
