import Basics

/// The meaning of the integers q of a quantised tensor: x = scale (q - zero point), exactly.
///
/// The scale is a binary64 number, and the product is a real number that binary64 need not hold.
public struct Quantization: Codable, Sendable, Hashable {
  /// The distance of neighbours, finite and above 0.
  public let scale: Double
  /// The integer that means 0.
  public let zeroPoint: Int
  public let type: CodeType

  /// - Throws: `UserError` of kind `usage` where the scale is not finite and above 0, or the zero
  ///   point none of the type.
  public init(scale: Double, zeroPoint: Int, type: CodeType) throws(UserError) {
    guard scale > 0, scale.isFinite else {
      throw UserError(.usage, "the scale \(scale): use a finite number above 0")
    }
    guard type.range.contains(zeroPoint) else {
      throw UserError(
        .usage,
        "the zero point \(zeroPoint): \(type.rawValue) has integers from \(type.range.lowerBound) to \(type.range.upperBound)"
      )
    }
    self.scale = scale
    self.zeroPoint = zeroPoint
    self.type = type
  }

  /// The differences q - zero point that the type has.
  public var differences: ClosedRange<Int> {
    type.range.lowerBound - zeroPoint...type.range.upperBound - zeroPoint
  }

  /// The quantisation in words that an option takes: `0.1,-3,int8`.
  public var text: String { "\(scale),\(zeroPoint),\(type.rawValue)" }

  /// The tensor in words: `0.1 (q + 3)`.
  public var formula: String {
    if zeroPoint == 0 { return "\(scale) q" }
    return "\(scale) (q \(zeroPoint < 0 ? "+" : "-") \(abs(zeroPoint)))"
  }

  private enum CodingKeys: String, CodingKey {
    case scale, zeroPoint, type
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      scale: try container.decode(Double.self, forKey: .scale),
      zeroPoint: try container.decode(Int.self, forKey: .zeroPoint),
      type: try container.decode(CodeType.self, forKey: .type))
  }
}
