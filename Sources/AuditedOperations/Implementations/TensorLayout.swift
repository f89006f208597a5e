/// The arrangement of the elements of a tensor in memory when it is handed over.
public enum TensorLayout: String, Sendable, Hashable, Codable, CaseIterable {
  /// Slowest dimension first, no gaps, aligned to the element.
  case rowMajor
  /// Slowest dimension last, as Fortran has it.
  case columnMajor
  /// Every second element of a tensor with twice as many along each dimension.
  case sliced
  /// Along each dimension from the last element to the first, by negative strides.
  case reversed
  /// Row-major, starting at an address that is aligned to the element and to nothing more.
  case misaligned
  /// Row-major, in memory that cannot be written.
  case readOnly
}
