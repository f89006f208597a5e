extension BinaryFloat {
  /// Whether a number is the same as another to the bit, where every NaN is like every other.
  @inlinable
  package func isIdentical(to other: Self) -> Bool {
    bitPattern == other.bitPattern || (isNaN && other.isNaN)
  }
}

extension RandomAccessCollection where Element: BinaryFloat {
  /// Whether numbers have the bits of others, in the same order, those of a NaN included.
  @inlinable
  package func hasSameBits(as other: some RandomAccessCollection<Element>) -> Bool {
    count == other.count && elementsEqual(other) { $0.bitPattern == $1.bitPattern }
  }
}
