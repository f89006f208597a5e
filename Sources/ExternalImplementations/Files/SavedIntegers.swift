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
    let (header, dataSize) = try NumpyArray.header(of: bytes, name: name)
    guard case .simple(let descr) = header.descr,
      ["i4", "i8"].contains(descr.drop { "<>=|".contains($0) })
    else {
      throw UserError(
        .malformedInput,
        "\(name) does not hold int32 or int64 numbers, as class numbers are; convert it, for "
          + "example with array.astype(numpy.int64)")
    }
    let width = descr.hasSuffix("8") ? 8 : 4
    let size = try NumpyArray.size(
      of: header, elementSize: width, typeName: "int\(8 * width)", dataSize: dataSize, name: name)
    var strides = [Int](repeating: 1, count: header.shape.count)
    var stride = 1
    let indices = header.shape.indices
    for dimension in header.isFortranOrder ? Array(indices) : indices.reversed() {
      strides[dimension] = stride
      stride *= max(header.shape[dimension], 1)
    }
    try self.init(
      SavedTensor(
        shape: header.shape, format: width == 4 ? .float32 : .float64, strides: strides,
        isBigEndian: descr.hasPrefix(">"), bytes: bytes.suffix(size)))
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
