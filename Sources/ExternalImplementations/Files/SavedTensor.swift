import FloatFormats
import SoftmaxAudit

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A tensor in a file, read a lane at a time.
///
/// The file stays mapped into memory for as long as the value lives; what of it is in memory is for the system to say, so
/// that tensors may be larger than it. It must not be cut short meanwhile.
public struct SavedTensor: LaneSource {
  public let shape: [Int]
  public let format: FloatFormat
  /// The distance of neighbours along each dimension, in elements.
  private let strides: [Int]
  private let isBigEndian: Bool
  private let bytes: Data

  /// A tensor in bytes that have as many elements as the shape.
  init(shape: [Int], format: FloatFormat, strides: [Int], isBigEndian: Bool, bytes: Data) {
    precondition(
      bytes.count == shape.reduce(1, *) * format.bitWidth / 8, "as many bytes as elements need")
    self.shape = shape
    self.format = format
    self.strides = strides
    self.isBigEndian = isBigEndian
    self.bytes = bytes
  }

  /// The tensor in a file: `.npy`, or `.safetensors` with the name of the tensor behind a colon.
  ///
  /// - Parameters:
  ///   - name: `x.npy`, `x.safetensors` where that holds one tensor, `x.safetensors:logits`.
  ///   - integersAreBFloat16: Whether 16-bit integers are the bit patterns of bfloat16 numbers.
  /// - Throws: ``UserError`` of kind `malformedInput` where there is no such tensor.
  public static func read(
    _ name: String, integersAreBFloat16: Bool = false
  ) throws(UserError) -> SavedTensor {
    if let (path, tensor) = SafetensorsFile.split(name) {
      return try SafetensorsFile(contentsOf: path)
        .tensor(tensor, integersAreBFloat16: integersAreBFloat16)
    }
    return try NumpyArray.read(contentsOf: name, integersAreBFloat16: integersAreBFloat16).saved
  }

  public func lane<F: BinaryFloat>(
    _ number: Int, of geometry: LaneGeometry, as type: F.Type
  ) -> [F] {
    precondition(F.format == format && geometry.shape == shape)
    var start = 0
    var outer = number / geometry.inner
    for dimension in stride(from: geometry.axis - 1, through: 0, by: -1) {
      start += outer % shape[dimension] * strides[dimension]
      outer /= shape[dimension]
    }
    var inner = number % geometry.inner
    for dimension in stride(from: shape.count - 1, to: geometry.axis, by: -1) {
      start += inner % shape[dimension] * strides[dimension]
      inner /= shape[dimension]
    }
    let step = strides[geometry.axis]
    let length = geometry.length
    return [F](unsafeUninitializedCapacity: length) { lane, filled in
      let words = UnsafeMutableRawBufferPointer(lane)
      switch format.bitWidth {
      case 16: copy(UInt16.self, from: start, step: step, count: length, to: words)
      case 32: copy(UInt32.self, from: start, step: step, count: length, to: words)
      default: copy(UInt64.self, from: start, step: step, count: length, to: words)
      }
      filled = length
    }
  }

  /// Copies elements as the bit patterns that they are, in the byte order of this machine.
  ///
  /// - Parameters:
  ///   - Word: As wide as an element. Its type is known here, where that of a caller's numbers is not: a generic load
  ///     takes a hundred times as long.
  ///   - start: The place of the first element.
  private func copy<Word: FixedWidthInteger>(
    _: Word.Type, from start: Int, step: Int, count: Int, to words: UnsafeMutableRawBufferPointer
  ) {
    let size = MemoryLayout<Word>.size
    let isForeign = isBigEndian != (1.bigEndian == 1)
    bytes.withUnsafeBytes { bytes in
      if step == 1, !isForeign {
        words.copyMemory(
          from: UnsafeRawBufferPointer(rebasing: bytes[start * size..<(start + count) * size]))
        return
      }
      for k in 0..<count {
        let word = bytes.loadUnaligned(fromByteOffset: (start + k * step) * size, as: Word.self)
        words.storeBytes(
          of: isForeign ? word.byteSwapped : word, toByteOffset: k * size, as: Word.self)
      }
    }
  }
}
