extension Sequence<FloatFormat> {
  /// The names of the formats with commas.
  package var listed: String { map(\.rawValue).joined(separator: ", ") }
}
