import AuditedOperations
import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An array that NumPy saved in a `.npy` file.
///
/// Versions 1.0, 2.0 and 3.0 of the format are read, in both byte orders, in C and in Fortran
/// order. The elements may be `float16`, `float32`, `float64`, bfloat16 as ml_dtypes saves it
/// (dtype `V2`), or, if the caller says so, 16-bit integers that are the bit patterns of float16 or
/// bfloat16 numbers. A file of anything else is refused; pickled objects are never loaded.
///
/// The file stays mapped into memory, where the system can do that, for as long as the value lives,
/// and must not be changed in place meanwhile; replacing it by another file is harmless.
package struct NumpyArray: Sendable {
  /// The dimensions, slowest first; empty for a single number.
  package let shape: [Int]
  /// The format of the elements in the file.
  package let storedFormat: FloatFormat

  /// The whole file, of which the last `count * storedFormat.bitWidth / 8` bytes are the elements.
  private let file: Data
  private let isBigEndian: Bool
  private let isFortranOrder: Bool

  /// The number of elements.
  package let count: Int

  /// The array in the file at a path.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - integers: The format, float16 or bfloat16, that 16-bit integers are the bit patterns of;
  ///     they are refused otherwise. Files of other types are read as if it were not given.
  /// - Throws: ``UserError`` of kind `malformedInput` where the file cannot be read or is not such
  ///   an array.
  package static func read(
    contentsOf path: String, integersAre integers: FloatFormat? = nil
  ) throws(UserError) -> NumpyArray {
    try NumpyArray(parsing: try MappedFile.contents(of: path), name: path, integersAre: integers)
  }

  /// The array in the bytes of a file.
  ///
  /// Nothing is trusted: whatever the bytes are, the answer is an array of exactly as many elements
  /// as the data has, or an error, and no memory is asked for beyond the size of the file.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What the file is called in messages.
  ///   - integers: The format that 16-bit integers are the bit patterns of; nil for none.
  /// - Throws: ``UserError`` of kind `malformedInput` where the bytes are not such an array.
  package init(
    parsing bytes: Data, name: String, integersAre integers: FloatFormat? = nil
  ) throws(UserError) {
    let (header, dataSize) = try Self.header(of: bytes, name: name)
    let type: NumpyElementType
    do {
      type = try NumpyElementType(header.descr, integersAre: integers)
    } catch {
      throw UserError(.malformedInput, "\(name) \(error.message)")
    }

    let elementSize = type.format.bitWidth / 8
    let size = try Self.size(
      of: header, elementSize: elementSize, typeName: type.format.rawValue, dataSize: dataSize,
      name: name)

    shape = header.shape
    storedFormat = type.format
    count = size / elementSize
    file = bytes
    isBigEndian = type.isBigEndian
    isFortranOrder = header.isFortranOrder
  }

  /// The number of bytes of the elements, which is that of the data.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where the shape needs another number.
  static func size(
    of header: NumpyHeader, elementSize: Int, typeName: String, dataSize: Int, name: String
  ) throws(UserError) -> Int {
    let shapeText = NumpyHeader.pythonTuple(header.shape)
    // Like NumPy, count the bytes as if no dimension were zero: the product of the other dimensions
    // must be an Int as well, for the strides of the array are such products.
    var size = elementSize
    for dimension in header.shape where dimension != 0 {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      if overflow {
        throw UserError(
          .malformedInput,
          "\(name) claims the shape \(shapeText), which no memory can hold; save the array again")
      }
      size = product
    }
    if header.shape.contains(0) { size = 0 }
    guard size == dataSize else {
      let advice =
        dataSize < size
        ? "it was cut short; save or copy it again"
        : "it holds more than one array or was damaged; save the array alone"
      throw UserError(
        .malformedInput,
        "\(name) should have \(size) bytes of data for the shape \(shapeText) of \(typeName), "
          + "but has \(dataSize): \(advice)")
    }
    return size
  }

  /// The elements in row-major order.
  ///
  /// They have the very bits of the file, NaN payloads included, where that is of the format asked
  /// for, and are rounded to nearest, ties to even, where it is not.
  package func elements<F: BinaryFloat>(as type: F.Type = F.self) -> [F] {
    if F.format == storedFormat { return storedElements() }
    return switch storedFormat {
    case .float16: rounded(Float16.self)
    case .bfloat16: rounded(BFloat16.self)
    case .float32: rounded(Float.self)
    case .float64: rounded(Double.self)
    default: rounded(storedFormat.type)
    }
  }

  private func rounded<Stored: BinaryFloat, F: BinaryFloat>(_ stored: Stored.Type) -> [F] {
    (storedElements() as [Stored]).map { F(rounding: $0) }
  }

  /// The array as a tensor whose lanes run along an axis.
  ///
  /// - Parameter axis: From -rank to rank - 1; a negative one counts from the end.
  /// - Throws: ``UserError`` of kind `usage` where the array has no such axis.
  package func tensor<F: BinaryFloat>(
    as type: F.Type = F.self, axis: Int
  ) throws(UserError) -> Tensor<F> {
    // First the axis: a wrong one should not cost the time of decoding.
    let geometry = try LaneGeometry(shape: shape, axis: axis)
    return Tensor(geometry: geometry, elements: elements())
  }
}

extension NumpyArray {
  /// The array where it lies, to be read a lane at a time.
  package var saved: SavedTensor {
    var strides = [Int](repeating: 1, count: shape.count)
    var stride = 1
    for dimension in isFortranOrder ? Array(shape.indices) : shape.indices.reversed() {
      strides[dimension] = stride
      // A dimension of 0 leaves no element to stride to.
      stride *= max(shape[dimension], 1)
    }
    return SavedTensor(
      shape: shape, format: storedFormat, strides: strides, isBigEndian: isBigEndian,
      bytes: file.suffix(count * storedFormat.bitWidth / 8))
  }
}

// MARK: - Reading

extension NumpyArray {
  /// The header of a file, and how many bytes follow it.
  static func header(
    of bytes: Data, name: String
  ) throws(UserError) -> (NumpyHeader, dataSize: Int) {
    let magic = NumpyHeader.magic
    let start = bytes.startIndex
    let beginning = bytes.prefix(magic.count)
    guard beginning.elementsEqual(magic.prefix(beginning.count)), !bytes.isEmpty else {
      throw UserError(
        .malformedInput, "\(name) \(ForeignFile.refusal(of: bytes, name: name))")
    }

    func cutShort() -> UserError {
      UserError(
        .malformedInput,
        "\(name) ends within its header, after \(bytes.count) bytes; save or copy it again")
    }
    guard bytes.count >= magic.count + 2 else { throw cutShort() }
    let major = bytes[start + magic.count]
    let minor = bytes[start + magic.count + 1]
    guard (1...3).contains(major), minor == 0 else {
      throw UserError(
        .malformedInput,
        "\(name) has version \(major).\(minor) of the .npy format, but 1.0, 2.0 or 3.0 is needed; "
          + "save it again with numpy.save")
    }

    let lengthSize = major == 1 ? 2 : 4
    let textOffset = magic.count + 2 + lengthSize
    guard bytes.count >= textOffset else { throw cutShort() }
    let lengthField = bytes[start + textOffset - lengthSize..<start + textOffset]
    let length = lengthField.reversed().reduce(0) { $0 << 8 | Int($1) }
    let remaining = bytes.count - textOffset
    guard length <= remaining else {
      throw UserError(
        .malformedInput,
        "\(name) claims a header of \(length) bytes, but only \(remaining) follow; "
          + "save or copy it again")
    }

    let text = [UInt8](bytes[start + textOffset..<start + textOffset + length])
    do {
      return (try NumpyHeader(parsing: text, allowsLongSuffix: major < 3), remaining - length)
    } catch {
      throw UserError(
        .malformedInput,
        "\(name) has a malformed header at byte \(textOffset + error.offset): \(error.message); "
          + "save it again with numpy.save")
    }
  }

  /// The elements in row-major order, for the type whose format the file has.
  private func storedElements<Stored: BinaryFloat>() -> [Stored] {
    // A `BinaryFloat` is its bit pattern and nothing else, so that words can be copied without
    // looking at each one as a number, which would also quieten signalling NaNs on some processors.
    precondition(
      Stored.format == storedFormat && MemoryLayout<Stored>.size == storedFormat.bitWidth / 8)
    return [Stored](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      let size = count * MemoryLayout<Stored>.size
      let words = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size)
      file.suffix(size).withUnsafeBytes { data in
        switch storedFormat.bitWidth {
        case 8: copyWords(UInt8.self, from: data, to: words)
        case 16: copyWords(UInt16.self, from: data, to: words)
        case 32: copyWords(UInt32.self, from: data, to: words)
        default: copyWords(UInt64.self, from: data, to: words)
        }
      }
      initializedCount = count
    }
  }

  /// Copies the data into row-major order and the byte order of this machine.
  private func copyWords<Word: FixedWidthInteger & BitwiseCopyable>(
    _ word: Word.Type, from source: UnsafeRawBufferPointer,
    to destination: UnsafeMutableRawBufferPointer
  ) {
    guard count > 0, let start = destination.baseAddress else { return }
    // Dimensions of 1 change nothing about the order of the elements.
    let dimensions = shape.filter { $0 != 1 }
    if isFortranOrder, dimensions.count > 1 {
      copyTransposed(word, of: dimensions, from: source, to: start)
    } else {
      destination.copyMemory(from: source)
    }
    let isNative = isBigEndian == (Word(1).bigEndian == 1)
    if !isNative { swapBytes(of: count, word, at: start) }
  }
}

/// Copies words that lie in column-major order, first index fastest, into row-major order.
private func copyTransposed<Word: FixedWidthInteger & BitwiseCopyable>(
  _ word: Word.Type, of dimensions: [Int], from source: UnsafeRawBufferPointer,
  to destination: UnsafeMutableRawPointer
) {
  let wordSize = MemoryLayout<Word>.size
  var strides: [Int] = []
  var count = 1
  for dimension in dimensions {
    strides.append(count)
    count *= dimension
  }
  let last = dimensions.count - 1

  var index = [Int](repeating: 0, count: last)
  var rowStart = 0
  var target = 0
  while target < count {
    for k in 0..<dimensions[last] {
      let value = source.loadUnaligned(
        fromByteOffset: (rowStart + k * strides[last]) * wordSize, as: Word.self)
      destination.storeBytes(of: value, toByteOffset: target * wordSize, as: Word.self)
      target += 1
    }
    // On to the next row: count up the other indices, the last of them fastest.
    for axis in stride(from: last - 1, through: 0, by: -1) {
      index[axis] += 1
      rowStart += strides[axis]
      if index[axis] < dimensions[axis] { break }
      index[axis] = 0
      rowStart -= strides[axis] * dimensions[axis]
    }
  }
}

/// Reverses the bytes of each word in place.
private func swapBytes<Word: FixedWidthInteger & BitwiseCopyable>(
  of count: Int, _ word: Word.Type, at start: UnsafeMutableRawPointer
) {
  let wordSize = MemoryLayout<Word>.size
  for offset in stride(from: 0, to: count * wordSize, by: wordSize) {
    let value = start.loadUnaligned(fromByteOffset: offset, as: Word.self)
    start.storeBytes(of: value.byteSwapped, toByteOffset: offset, as: Word.self)
  }
}

// MARK: - Writing

extension NumpyArray {
  /// Writes a tensor to a `.npy` file: version 1.0, little-endian, C order.
  ///
  /// The file is the one `numpy.save` would write, to the byte; bfloat16 has the dtype `<V2`, as
  /// from ml_dtypes. ``OutputFile`` says how it gets to its place.
  ///
  /// - Throws: ``UserError`` of kind `cannotWrite`.
  package static func write<F: BinaryFloat>(
    _ tensor: Tensor<F>, to path: String
  ) throws(UserError) {
    let writer = try NumpyWriter(path, format: F.format, shape: tensor.geometry.shape)
    try writer.append(tensor.elements)
    try writer.finish()
  }
}
