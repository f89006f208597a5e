import AuditedOperations
import Basics
import FloatFormats

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A quantised tensor in a file, read a lane at a time: its integers less the zero point, as
/// numbers of binary32, which has them all.
package struct QuantizedTensor: LaneSource {
  package let quantization: Quantization
  /// The integers, as numbers of a format as wide with their bit patterns.
  private let patterns: SavedTensor

  package var shape: [Int] { patterns.shape }
  package var format: FloatFormat { .float32 }

  private init(_ quantization: Quantization, _ patterns: SavedTensor) {
    self.quantization = quantization
    self.patterns = patterns
  }

  /// The tensor in a file: `.npy`, `.npz`, `.safetensors` or `.pb`, named as for ``SavedTensor``.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where the file holds no integers of the type.
  package static func read(
    _ name: String, _ quantization: Quantization
  ) throws(UserError) -> QuantizedTensor {
    QuantizedTensor(quantization, try patterns(name, of: quantization.type))
  }

  private static func patterns(
    _ name: String, of type: CodeType
  ) throws(UserError) -> SavedTensor {
    let format = type.bitWidth == 8 ? FloatFormat.float8E5M2 : .float16
    let expected = "--quantised says that it holds \(type.rawValue)"
    if let (path, tensor) = SafetensorsFile.split(name) {
      return try SafetensorsFile(contentsOf: path).patterns(
        tensor, of: [type.safetensorsKind: format], refusal: expected)
    }
    if name.hasSuffix(".pb") {
      return try OnnxTensorFile.patterns(
        in: try MappedFile.contents(of: name), name: name, ofType: type.onnxType, as: format,
        refusal: expected)
    }
    func patterns(
      in bytes: Data, name: String
    ) throws(UserError) -> SavedTensor {
      try NumpyArray.patterns(in: bytes, name: name, of: [type.numpyCode: format]) { descr in
        "holds \(descr.map { "elements of dtype '\($0)'" } ?? "records"), but \(expected)"
      }
    }
    if let (path, array) = NumpyArchive.split(name) {
      let (content, chosen) = try NumpyArchive.content(
        in: try MappedFile.contents(of: path), name: path, array)
      return try patterns(in: content, name: "\(path):\(chosen)")
    }
    return try patterns(in: try MappedFile.contents(of: name), name: name)
  }

  /// The same elements in a shape that differs in dimensions of 1 alone, see ``SavedTensor``.
  package func withShape(_ other: [Int]) -> QuantizedTensor? {
    patterns.withShape(other).map { QuantizedTensor(quantization, $0) }
  }

  package func lane<F: BinaryFloat>(
    _ number: Int, of geometry: LaneGeometry, as type: F.Type
  ) -> [F] {
    codes(number, of: geometry).map { F(rounding: Double($0 - quantization.zeroPoint)) }
  }

  /// The integers of a lane.
  private func codes(_ number: Int, of geometry: LaneGeometry) -> [Int] {
    func bytes() -> [UInt8] {
      patterns.lane(number, of: geometry, as: Float8<E5M2>.self).map(\.bitPattern)
    }
    return switch quantization.type {
    case .int8: bytes().map { Int(Int8(bitPattern: $0)) }
    case .uint8: bytes().map { Int($0) }
    case .int16:
      patterns.lane(number, of: geometry, as: Float16.self).map {
        Int(Int16(bitPattern: $0.bitPattern))
      }
    }
  }
}

extension CodeType {
  /// The kind of elements in `.npy` files, without the byte order.
  fileprivate var numpyCode: String {
    switch self {
    case .int8: "i1"
    case .uint8: "u1"
    case .int16: "i2"
    }
  }

  /// The kind of elements in `.safetensors` files.
  fileprivate var safetensorsKind: String {
    switch self {
    case .int8: "I8"
    case .uint8: "U8"
    case .int16: "I16"
    }
  }

  /// The number of the type in a TensorProto of ONNX.
  fileprivate var onnxType: Int {
    switch self {
    case .int8: 3
    case .uint8: 2
    case .int16: 5
    }
  }
}
