/// A part of the range of an output format.
public enum PolicyRegime: String, Sendable, Hashable, Codable, CaseIterable {
  case normal
  case subnormal
}
