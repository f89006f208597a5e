import Basics
import FloatFormats

/// A tensor of any of the audited formats.
public enum AnyTensor: Sendable {
  case float16(Tensor<Float16>)
  case bfloat16(Tensor<BFloat16>)
  case float32(Tensor<Float>)
  case float64(Tensor<Double>)
  /// Numbers of an 8-bit format, widened.
  case float8(Tensor<Float>, FloatFormat)

  /// The tensor as one of a format, rounded where it has another.
  public func rounded<F: BinaryFloat>(to format: F.Type) -> Tensor<F> {
    switch self {
    case .float16(let tensor): Tensor(rounding: tensor)
    case .bfloat16(let tensor): Tensor(rounding: tensor)
    case .float32(let tensor): Tensor(rounding: tensor)
    case .float64(let tensor): Tensor(rounding: tensor)
    case .float8(let tensor, _): Tensor(rounding: tensor)
    }
  }

  /// The shape, with the axis.
  package var geometry: LaneGeometry {
    switch self {
    case .float16(let tensor): tensor.geometry
    case .bfloat16(let tensor): tensor.geometry
    case .float32(let tensor): tensor.geometry
    case .float64(let tensor): tensor.geometry
    case .float8(let tensor, _): tensor.geometry
    }
  }

  /// The format of the elements.
  public var format: FloatFormat {
    switch self {
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    case .float64: .float64
    case .float8(_, let format): format
    }
  }
}

extension AnyTensor {
  /// SHA-256 of the geometry and the encodings of the elements; of widened ones with the format.
  package var digest: String {
    switch self {
    case .float16(let tensor): Self.digest(of: tensor)
    case .bfloat16(let tensor): Self.digest(of: tensor)
    case .float32(let tensor): Self.digest(of: tensor)
    case .float64(let tensor): Self.digest(of: tensor)
    case .float8(let tensor, let format): Self.digest(of: tensor, "\(format.rawValue) ")
    }
  }

  private static func digest<F: BinaryFloat>(
    of tensor: Tensor<F>, _ format: String = ""
  ) -> String {
    let head = "\(format)\(tensor.geometry.shape) \(tensor.geometry.axis)"
    return tensor.elements.withUnsafeBytes { SHA256.hexDigest(of: Array(head.utf8) + Array($0)) }
  }
}
