import AuditedOperations
import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A tensor in a file, read a lane at a time.
///
/// The file stays mapped into memory for as long as the value lives; what of it is in memory is for
/// the system to say, so that tensors may be larger than it. It must not be cut short meanwhile.
package struct SavedTensor: LaneSource {
  package let shape: [Int]
  package let format: FloatFormat
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

  /// A little-endian tensor in row-major order, in bytes that have as many elements as the shape.
  init(rowMajor shape: [Int], format: FloatFormat, bytes: Data) {
    var strides = [Int](repeating: 1, count: shape.count)
    for dimension in shape.indices.dropLast().reversed() {
      // A dimension of 0 leaves no element to stride to.
      strides[dimension] = strides[dimension + 1] * max(shape[dimension + 1], 1)
    }
    self.init(shape: shape, format: format, strides: strides, isBigEndian: false, bytes: bytes)
  }

  /// The tensor in a file: `.npy`, `.npz` and `.safetensors` with the name of the tensor behind a
  /// colon, `.pb` as ONNX writes it, or raw elements.
  ///
  /// - Parameters:
  ///   - name: `x.npy`, `x.npz:logits`, `x.safetensors:logits`, without the colon where there is
  ///     one tensor, `x.pb`, or
  ///     any other name.
  ///   - integers: The format that 16-bit integers are the bit patterns of; nil for none.
  ///   - raw: What a file of any other name holds; nil where it is to be a `.npy` file.
  /// - Throws: ``UserError`` of kind `malformedInput` where there is no such tensor.
  package static func read(
    _ name: String, integersAre integers: FloatFormat? = nil, raw: RawTensor? = nil
  ) throws(UserError) -> SavedTensor {
    if let (path, tensor) = SafetensorsFile.split(name) {
      return try SafetensorsFile(contentsOf: path).tensor(tensor, integersAre: integers)
    }
    if let (path, array) = NumpyArchive.split(name) {
      return try NumpyArchive.array(
        in: try MappedFile.contents(of: path), name: path, array, integersAre: integers
      ).saved
    }
    if name.hasSuffix(".pb") {
      return try OnnxTensorFile.tensor(in: try MappedFile.contents(of: name), name: name)
    }
    if let raw, !name.hasSuffix(".npy") {
      return try raw.tensor(in: try MappedFile.contents(of: name), name: name)
    }
    return try NumpyArray.read(contentsOf: name, integersAre: integers).saved
  }

  /// Whether the name of a file leaves open what it holds, so that somebody has to say it.
  package static func saysNothing(_ name: String) -> Bool {
    SafetensorsFile.split(name) == nil && NumpyArchive.split(name) == nil
      && !name.hasSuffix(".pb") && !name.hasSuffix(".npy")
  }

  /// The same elements in a shape that differs in dimensions of 1 alone; nil where the shapes
  /// differ in more.
  ///
  /// One of the two shapes must be the other with dimensions of 1 put in: (2, 1) is no (1, 2).
  package func withShape(_ other: [Int]) -> SavedTensor? {
    guard shape != other else { return self }
    let (short, long) = shape.count < other.count ? (shape, other) : (other, shape)
    guard short.count < long.count else { return nil }
    var rest = short[...]
    for dimension in long {
      if dimension == rest.first {
        rest.removeFirst()
      } else if dimension != 1 {
        return nil
      }
    }
    guard rest.isEmpty else { return nil }
    // Dimensions other than 1 follow one another in both; what stride one of 1 has does not matter.
    var kept = zip(shape, strides).filter { $0.0 != 1 }.map(\.1)[...]
    return SavedTensor(
      shape: other, format: format, strides: other.map { $0 == 1 ? 1 : kept.removeFirst() },
      isBigEndian: isBigEndian, bytes: bytes)
  }

  /// All elements in row-major order.
  ///
  /// - Parameter type: The type of the tensor's format.
  package func elements<F: BinaryFloat>(as type: F.Type = F.self) throws(UserError) -> [F] {
    let geometry = try LaneGeometry(shape: shape, axis: -1)
    var elements: [F] = []
    elements.reserveCapacity(geometry.elementCount)
    for number in 0..<(geometry.length == 0 ? 0 : geometry.laneCount) {
      elements += lane(number, of: geometry, as: F.self)
    }
    return elements
  }

  /// All numbers in row-major order, in binary64, which holds every format.
  package func numbers() throws -> [Double] { try format.open(Widening(tensor: self)) }

  private struct Widening: FormatGenericWork {
    let tensor: SavedTensor

    func run<F: BinaryFloat>(_ format: F.Type) throws -> [Double] {
      try tensor.elements(as: format).map { $0.exactDouble }
    }
  }

  package func lane<F: BinaryFloat>(
    _ number: Int, of geometry: LaneGeometry, as type: F.Type
  ) -> [F] { lanes(number..<number + 1, of: geometry, as: F.self) }

  package func lanes<F: BinaryFloat>(
    _ numbers: Range<Int>, of geometry: LaneGeometry, as type: F.Type
  ) -> [F] {
    precondition(F.format == format && geometry.shape == shape)
    let length = geometry.length
    // Lanes without an element have no place in the bytes.
    guard length > 0 else { return [] }
    let count = numbers.count * length
    return [F](unsafeUninitializedCapacity: count) { lanes, filled in
      let words = UnsafeMutableRawBufferPointer(lanes)
      if isRowMajor, geometry.isContiguous {
        copy(from: numbers.lowerBound * length, step: 1, count: count, to: words)
      } else {
        let (step, size) = (strides[geometry.axis], length * MemoryLayout<F>.stride)
        for (place, number) in numbers.enumerated() {
          let part = words[place * size..<(place + 1) * size]
          copy(
            from: start(ofLane: number, geometry), step: step, count: length,
            to: UnsafeMutableRawBufferPointer(rebasing: part))
        }
      }
      filled = count
    }
  }

  /// Whether elements lie in row-major order.
  private var isRowMajor: Bool {
    var stride = 1
    for (dimension, own) in zip(shape, strides).reversed() {
      if dimension != 1, own != stride { return false }
      stride *= dimension
    }
    return true
  }

  /// The place of the first element of a lane.
  private func start(ofLane number: Int, _ geometry: LaneGeometry) -> Int {
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
    return start
  }

  private func copy(
    from start: Int, step: Int, count: Int, to words: UnsafeMutableRawBufferPointer
  ) {
    switch format.bitWidth {
    case 8: copy(UInt8.self, from: start, step: step, count: count, to: words)
    case 16: copy(UInt16.self, from: start, step: step, count: count, to: words)
    case 32: copy(UInt32.self, from: start, step: step, count: count, to: words)
    default: copy(UInt64.self, from: start, step: step, count: count, to: words)
    }
  }

  /// Copies elements as the bit patterns that they are, in the byte order of this machine.
  ///
  /// - Parameters:
  ///   - Word: As wide as an element. Its type is known here, where that of a caller's numbers is
  ///     not: a generic load
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
