/// The treatment of results below the normal range.
public enum UnderflowPolicy: String, Sendable, Hashable, Codable, CaseIterable {
  /// They are subnormal numbers, as IEEE 754 has it.
  case gradual
  /// They may become zero.
  case flush
}
