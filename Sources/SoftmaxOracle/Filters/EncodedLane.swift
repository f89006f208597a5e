import CLaneKernels
import FloatFormats

/// A lane of numbers of any audited format, as the kernels take it.
///
/// What works on it is compiled once and not for each format: an element is read as the binary64 number it is.
public struct EncodedLane: Sendable {
  /// The format of the elements.
  public let format: FloatFormat
  /// How many there are.
  public let count: Int
  private let bytes: [UInt8]

  /// Copies a lane.
  public init<F: BinaryFloat>(_ lane: [F]) {
    format = F.format
    count = lane.count
    bytes = lane.withUnsafeBytes { Array($0) }
  }

  /// An element, exactly.
  public subscript(index: Int) -> Double {
    precondition(index >= 0 && index < count)
    return bytes.withUnsafeBytes { bytes in
      switch format {
      case .float16:
        Double(Float16(bitPattern: bytes.load(fromByteOffset: 2 * index, as: UInt16.self)))
      case .bfloat16:
        BFloat16(bitPattern: bytes.load(fromByteOffset: 2 * index, as: UInt16.self)).exactDouble
      case .float32:
        Double(bytes.load(fromByteOffset: 4 * index, as: Float.self))
      case .float64:
        bytes.load(fromByteOffset: 8 * index, as: Double.self)
      }
    }
  }

  /// All elements, exactly.
  public var values: [Double] { (0..<count).map { self[$0] } }

  /// Calls a function with the encoded elements.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes(body)
  }
}
