/// The integers of a quantised tensor.
public enum CodeType: String, Codable, Sendable, Hashable, CaseIterable {
  case int8, uint8, int16

  /// The least and the greatest of them.
  public var range: ClosedRange<Int> {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32768...32767
    }
  }

  /// The number of bits of one.
  public var bitWidth: Int { self == .int16 ? 16 : 8 }
}
