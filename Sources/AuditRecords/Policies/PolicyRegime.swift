/// A part of the range of an output format.
package enum PolicyRegime: String, Sendable, Hashable, Codable, CaseIterable {
  case normal
  case subnormal
}
