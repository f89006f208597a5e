import FloatFormats

/// The pattern that outputs of implementations from outside hold before a call.
///
/// It is a signalling NaN with a payload of its own. Arithmetic and conversion give quiet NaNs
/// only, so an element that still holds the pattern after the call was not written. A format
/// without infinities has no such NaN to spare: it is filled with its NaN, which tells nothing.
extension BinaryFloat {
  /// The element that a host fills outputs with.
  package static var outputFill: Self {
    // All bits of the significand but the first, which makes a NaN quiet.
    guard format.hasInfinities else { return nan }
    let payload = (BitPattern(1) << BitPattern(format.precision - 2)) - 1
    let chosen = BitPattern(truncatingIfNeeded: 0x5A5A_5A5A_5A5A_5A5A as UInt64) & payload
    return Self(bitPattern: infinity.bitPattern | Swift.max(chosen, 1))
  }

  /// Whether the element is what a host fills outputs with, bit for bit, and nothing else is.
  package var isOutputFill: Bool {
    Self.format.hasInfinities && bitPattern == Self.outputFill.bitPattern
  }
}

/// Outputs before a call, as bytes.
package enum OutputFill {
  /// The encoding of the fill of a format in binary64, with all bits of the NaN that it is; that of
  /// no output where the fill tells nothing.
  package static func binary64Encoding(of format: FloatFormat) -> UInt64 {
    switch format {
    case .float16: Float16.outputFill.binary64Encoding
    case .bfloat16: BFloat16.outputFill.binary64Encoding
    case .float32: Float.outputFill.binary64Encoding
    case .float64: Double.outputFill.binary64Encoding
    default: format.hasInfinities ? narrow(format.type) : Double.outputFill.binary64Encoding
    }
  }

  private static func narrow<F: BinaryFloat>(_ type: F.Type) -> UInt64 {
    F.outputFill.binary64Encoding
  }

  /// Fills memory for elements of a format with `outputFill` of the format.
  ///
  /// The memory need not be aligned; bytes that are no whole element stay as they are.
  package static func fill(_ bytes: UnsafeMutableRawBufferPointer, as format: FloatFormat) {
    switch format {
    case .float16: fill(bytes, Float16.self)
    case .bfloat16: fill(bytes, BFloat16.self)
    case .float32: fill(bytes, Float.self)
    case .float64: fill(bytes, Double.self)
    default: fill(bytes, format.type)
    }
  }

  private static func fill<F: BinaryFloat>(
    _ bytes: UnsafeMutableRawBufferPointer, _ type: F.Type
  ) {
    let size = MemoryLayout<F>.size
    for offset in stride(from: 0, through: bytes.count - size, by: size) {
      bytes.storeBytes(of: F.outputFill.bitPattern, toByteOffset: offset, as: F.BitPattern.self)
    }
  }
}
