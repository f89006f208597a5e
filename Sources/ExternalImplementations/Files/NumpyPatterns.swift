import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension NumpyArray {
  /// The integers of a `.npy` file, where they lie: as numbers of their width with their bit
  /// patterns.
  ///
  /// - Parameters:
  ///   - kinds: The data types that are read, each with a format as wide.
  ///   - refusal: What stands after the name of a file of another data type, which is given; it is
  ///     `nil` for records.
  /// - Throws: ``UserError`` of kind `malformedInput` where the bytes are no such file.
  static func patterns(
    in bytes: Data, name: String, of kinds: [String: FloatFormat],
    refusal: (_ descr: String?) -> String
  ) throws(UserError) -> SavedTensor {
    let (header, dataSize) = try NumpyArray.header(of: bytes, name: name)
    guard case .simple(let descr) = header.descr else {
      throw UserError(.malformedInput, "\(name) \(refusal(nil))")
    }
    let code = String(descr.drop { "<>=|".contains($0) })
    guard let format = kinds[code] else {
      throw UserError(.malformedInput, "\(name) \(refusal(descr))")
    }
    let width = format.bitWidth / 8
    let size = try NumpyArray.size(
      of: header, elementSize: width,
      typeName: "\(code.hasPrefix("u") ? "uint" : "int")\(8 * width)", dataSize: dataSize,
      name: name)
    var strides = [Int](repeating: 1, count: header.shape.count)
    var stride = 1
    let indices = header.shape.indices
    for dimension in header.isFortranOrder ? Array(indices) : indices.reversed() {
      strides[dimension] = stride
      stride *= max(header.shape[dimension], 1)
    }
    return SavedTensor(
      shape: header.shape, format: format, strides: strides, isBigEndian: descr.hasPrefix(">"),
      bytes: bytes.suffix(size))
  }
}
