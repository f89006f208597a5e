import AuditedOperations
import Basics
import ExternalImplementations
import FloatFormats
import Foundation

/// The user's own logits from a file.
enum UserLogits {
  /// Reads a tensor; its name in results is that of the file, without the directories of this
  /// machine.
  ///
  /// - Parameters:
  ///   - formats: What the user asked for; a format of 16 or 8 bits alone is what integers of that
  ///     width in the file are.
  ///   - raw: What a file holds that does not say so itself.
  static func read(
    _ path: String, axis: Int, formats: [FloatFormat], raw: RawTensor? = nil
  ) throws -> (tensor: AnyTensor, name: String) {
    let integers = formats.count == 1 ? formats.first { $0.isNarrow } : nil
    let array = try SavedTensor.read(path, integersAre: integers, raw: raw)
    let geometry = try LaneGeometry(shape: array.shape, axis: axis)
    if let objection = geometry.objection {
      throw UserError(.malformedInput, "\(path) \(objection)")
    }
    let name = "file:" + URL(fileURLWithPath: path).lastPathComponent
    let tensor: AnyTensor =
      switch array.format {
      case .float16: .float16(Tensor(geometry: geometry, elements: try array.elements()))
      case .bfloat16: .bfloat16(Tensor(geometry: geometry, elements: try array.elements()))
      case .float32: .float32(Tensor(geometry: geometry, elements: try array.elements()))
      case .float64: .float64(Tensor(geometry: geometry, elements: try array.elements()))
      default:
        .float8(
          Tensor(geometry: geometry, elements: try array.numbers().map { Float($0) }), array.format)
      }
    return (tensor, name)
  }
}
