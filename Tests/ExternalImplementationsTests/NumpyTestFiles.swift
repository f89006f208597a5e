import AuditedOperations
import Basics
import ExternalImplementations
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The generator of Steele, Lea and Flood (OOPSLA 2014), so that every run draws the same numbers.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A file put together by hand, apart from the code under test.
enum HandmadeFile {
  /// A file with the given header text, as it stands.
  static func bytes(
    header: String, version: UInt8 = 1, headerLength: Int? = nil, data: [UInt8] = []
  ) -> Data {
    let text = Array(header.utf8)
    let length = headerLength ?? text.count
    let lengthBytes = (0..<(version == 1 ? 2 : 4)).map { UInt8(length >> (8 * $0) & 0xFF) }
    return Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, version, 0] + lengthBytes + text + data)
  }

  /// A file whose data are the bit patterns given in row-major order.
  static func bytes(
    bits: [UInt64], of width: Int, descr: String, bigEndian: Bool, fortranOrder: Bool,
    shape: [Int], version: UInt8 = 1
  ) -> Data {
    let tuple = "(" + shape.map { "\($0), " }.joined() + ")"
    let order = fortranOrder ? "True" : "False"
    let header = "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(tuple), }   \n"
    var data = [UInt8](repeating: 0, count: bits.count * width)
    for (place, pattern) in bits.enumerated() {
      let target = fortranOrder ? columnMajorPlace(of: place, in: shape) : place
      for byte in 0..<width {
        let shift = 8 * (bigEndian ? width - 1 - byte : byte)
        data[target * width + byte] = UInt8(truncatingIfNeeded: pattern >> UInt64(shift))
      }
    }
    return bytes(header: header, version: version, data: data)
  }

  /// Where the element at a place of the row-major order stands in the column-major order.
  private static func columnMajorPlace(of place: Int, in shape: [Int]) -> Int {
    var rest = place
    var index: [Int] = []
    for dimension in shape.reversed() {
      index.insert(rest % dimension, at: 0)
      rest /= dimension
    }
    var result = 0
    for (dimension, i) in zip(shape, index).reversed() { result = result * dimension + i }
    return result
  }
}

extension NumpyArray {
  /// The bit patterns of the elements in the format of the file.
  var storedBits: [UInt64] {
    bits(as: storedFormat.type)
  }

  private func bits<F: BinaryFloat>(as type: F.Type) -> [UInt64] {
    elements(as: type).map { UInt64($0.bitPattern) }
  }
}

/// Runs a body with a folder of its own, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "npy-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// A tensor with lanes along its last axis.
func tensor<F: BinaryFloat>(_ elements: [F], shape: [Int]) throws(UserError) -> Tensor<F> {
  Tensor(geometry: try LaneGeometry(shape: shape, axis: -1), elements: elements)
}
