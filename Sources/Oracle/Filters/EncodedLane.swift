import CLaneKernels
import FloatFormats

/// A lane of numbers of any audited format, as the kernels take it.
///
/// What works on it is compiled once and not for each format: an element is read as the binary64
/// number it is. Elements of an 8-bit format are widened to float32, NaNs with all their bits.
public struct EncodedLane: Sendable {
  /// The array the lane was made of, shared and not copied.
  @usableFromInline
  enum Storage: Sendable {
    case float16([Float16])
    case bfloat16([BFloat16])
    case float32([Float])
    case float64([Double])
  }

  @usableFromInline
  let storage: Storage
  /// The format of the elements.
  public let format: FloatFormat
  /// The place of the first element in the array.
  @usableFromInline
  let start: Int
  /// The number of elements.
  public let count: Int

  private init(_ whole: EncodedLane, _ places: Range<Int>) {
    precondition(places.lowerBound >= 0 && places.upperBound <= whole.count)
    storage = whole.storage
    format = whole.format
    start = whole.start + places.lowerBound
    count = places.count
  }

  /// A part of the lane, which shares its array.
  package subscript(places: Range<Int>) -> EncodedLane { EncodedLane(self, places) }

  /// The lane that an array holds.
  public init<F: BinaryFloat>(_ lane: [F]) {
    format = F.format
    start = 0
    count = lane.count
    // The format says what the type is; a cast would look for it in the type's metadata, at the
    // cost of 200 elements.
    storage =
      switch F.format {
      case .float16: .float16(unsafeBitCast(lane, to: [Float16].self))
      case .bfloat16: .bfloat16(unsafeBitCast(lane, to: [BFloat16].self))
      case .float32: .float32(unsafeBitCast(lane, to: [Float].self))
      case .float64: .float64(unsafeBitCast(lane, to: [Double].self))
      default: .float32(lane.map { Float(binary64Encoding: $0.binary64Encoding) })
      }
  }

  /// An element, exactly.
  public subscript(index: Int) -> Double {
    let place = start + index
    return switch storage {
    case .float16(let lane): Double(lane[place])
    case .bfloat16(let lane): lane[place].exactDouble
    case .float32(let lane): Double(lane[place])
    case .float64(let lane): lane[place]
    }
  }

  /// All elements, exactly: NaNs with all their bits, see ``BinaryFloat/binary64Encoding``.
  public var values: [Double] {
    func widened<F: BinaryFloat>(_ lane: [F]) -> [Double] {
      lane[start..<start + count].map { Double(bitPattern: $0.binary64Encoding) }
    }
    return switch storage {
    case .float16(let lane): widened(lane)
    case .bfloat16(let lane): widened(lane)
    case .float32(let lane): widened(lane)
    case .float64(let lane): count == lane.count ? lane : Array(lane[start..<start + count])
    }
  }

  /// Calls a function with the encoded elements.
  @inlinable
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    switch storage {
    case .float16(let lane): try lane.withUnsafeBytes { try body(part(of: $0, Float16.self)) }
    case .bfloat16(let lane): try lane.withUnsafeBytes { try body(part(of: $0, BFloat16.self)) }
    case .float32(let lane): try lane.withUnsafeBytes { try body(part(of: $0, Float.self)) }
    case .float64(let lane): try lane.withUnsafeBytes { try body(part(of: $0, Double.self)) }
    }
  }

  /// The bytes of the elements among those of the array.
  @inlinable
  func part<F>(of bytes: UnsafeRawBufferPointer, _ type: F.Type) -> UnsafeRawBufferPointer {
    let size = MemoryLayout<F>.stride
    return UnsafeRawBufferPointer(rebasing: bytes[start * size..<(start + count) * size])
  }
}

extension Float {
  /// The number with an encoding of binary64 whose last 29 bits are 0; a NaN keeps its payload.
  fileprivate init(binary64Encoding bits: UInt64) {
    let number = Double(bitPattern: bits)
    guard number.isNaN else {
      self.init(number)
      return
    }
    let sign = UInt32(bits >> 63) << 31
    self.init(
      bitPattern: sign | Float.infinity.bitPattern | UInt32(truncatingIfNeeded: bits >> 29)
        & 0x7F_FFFF)
  }
}
