import FloatFormats

extension BinaryFloat {
  /// A finite number that is not negative, every encoding alike.
  package static func randomNonnegative(_ random: inout SplitMix64) -> Self {
    Self(orderedIndex: Int64.random(in: 0...greatestFinite.orderedIndex, using: &random))
  }

  /// The number a count of places further in the order of the format, kept finite and not negative.
  package func moved(by places: Int64) -> Self {
    let index = max(0, min(Self.greatestFinite.orderedIndex, orderedIndex + places))
    return Self(orderedIndex: index)
  }
}

extension Array where Element: BinaryFloat {
  /// The numbers in hexadecimal.
  package var hexText: String { "[" + map(\.hexText).joined(separator: ", ") + "]" }
  /// The encodings, which tell zeros and NaNs apart.
  package var bitPatterns: [Element.BitPattern] { map(\.bitPattern) }
}
