import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The description that somebody gives of a file without one: little-endian elements in row-major
/// order, and no header.
package struct RawTensor: Sendable, Equatable {
  package var shape: [Int]
  package var format: FloatFormat

  package init(shape: [Int], format: FloatFormat) {
    self.shape = shape
    self.format = format
  }

  /// The tensor in the bytes of a file.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where it is not of the size that this needs.
  func tensor(in bytes: Data, name: String) throws(UserError) -> SavedTensor {
    var size: Int? = format.bitWidth / 8
    for dimension in shape {
      size = size.flatMap {
        let (product, overflow) = $0.multipliedReportingOverflow(by: dimension)
        return dimension < 0 || overflow ? nil : product
      }
    }
    guard size == bytes.count else {
      let needed = size.map { "\($0) bytes" } ?? "more than any file can hold"
      throw UserError(
        .malformedInput,
        "\(name) has \(bytes.count) bytes, and the shape \(shape) of \(format) needs \(needed); check --shape and --dtype"
      )
    }
    return SavedTensor(rowMajor: shape, format: format, bytes: bytes)
  }
}
