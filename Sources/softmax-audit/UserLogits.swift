import ExternalImplementations
import FloatFormats
import Foundation
import SoftmaxAudit

/// The user's own logits from a file.
enum UserLogits {
  /// Reads a tensor; its name in results is that of the file, without the directories of this machine.
  ///
  /// - Parameter formats: What the user asked for; `bfloat16` alone makes 16-bit integers in the file bfloat16.
  static func read(
    _ path: String, axis: Int, formats: [FloatFormat]
  ) throws -> (tensor: AnyTensor, name: String) {
    let array = try NumpyArray.read(
      contentsOf: path, integersAreBFloat16: formats == [.bfloat16])
    let geometry = try LaneGeometry(shape: array.shape, axis: axis)
    if let objection = geometry.objection {
      throw UserError(.malformedInput, "\(path) \(objection)")
    }
    let name = "file:" + URL(fileURLWithPath: path).lastPathComponent
    let tensor: AnyTensor =
      switch array.storedFormat {
      case .float16: .float16(Tensor(geometry: geometry, elements: array.elements()))
      case .bfloat16: .bfloat16(Tensor(geometry: geometry, elements: array.elements()))
      case .float32: .float32(Tensor(geometry: geometry, elements: array.elements()))
      case .float64: .float64(Tensor(geometry: geometry, elements: array.elements()))
      }
    return (tensor, name)
  }
}
