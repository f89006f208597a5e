import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A `.npy` file that is written part by part: version 1.0, little-endian, C order.
///
/// It is the file that `numpy.save` would write, to the byte; bfloat16 has the dtype `<V2`, as from
/// ml_dtypes. Tensors may be larger than memory. ``OutputFile`` says how a file gets to its place.
package final class NumpyWriter {
  private let file: StagedFile
  private let format: FloatFormat

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: `-` is standard output.
  ///   - shape: At most 64 dimensions; as many elements have to follow.
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  package init(_ path: String, format: FloatFormat, shape: [Int]) throws(UserError) {
    guard shape.count <= NumpyHeader.maximumRank else {
      throw UserError(
        .cannotWrite,
        "\(path) cannot be written: a .npy file has at most \(NumpyHeader.maximumRank) dimensions, "
          + "but the tensor has \(shape.count); give it another shape")
    }
    self.format = format
    file = try StagedFile(path)
    let descr = NumpyElementType.descr(of: format)
    try file.append(Data(NumpyHeader.prologue(descr: descr, shape: shape)))
  }

  /// Adds elements.
  package func append<F: BinaryFloat>(_ elements: [F]) throws(UserError) {
    precondition(F.format == format, "elements of the format that the file has")
    // The closure cannot throw a typed error through the standard library.
    var failure: UserError?
    elements.withUnsafeBytes { bytes in
      do throws(UserError) { try append(encoded: bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Adds elements given as their encodings, in the byte order of this machine.
  package func append(encoded bytes: UnsafeRawBufferPointer) throws(UserError) {
    if 1.littleEndian == 1 { return try file.append(bytes) }
    let size = format.bitWidth / 8
    var swapped = [UInt8](bytes)
    for start in stride(from: 0, to: swapped.count, by: size) {
      swapped[start..<start + size].reverse()
    }
    try file.append(Data(swapped))
  }

  /// Puts the file in its place.
  package func finish() throws(UserError) { try file.finish() }
}

extension NumpyWriter {
  /// Writes a file of 64-bit integers.
  ///
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  package static func write(_ integers: [Int64], shape: [Int], to path: String) throws(UserError) {
    let file = try StagedFile(path)
    try file.append(Data(NumpyHeader.prologue(descr: "<i8", shape: shape)))
    var bytes = Data()
    for integer in integers {
      withUnsafeBytes(of: integer.littleEndian) { bytes.append(contentsOf: $0) }
    }
    try file.append(bytes)
    try file.finish()
  }
}
