/// Mismatches of a row in words.
package enum MismatchSentence {
  /// "903 of 16000 outputs are not 0 at a logit of -inf, and 2 are NaN".
  ///
  /// - Parameter count: How many mismatches of the row are meant. Kinds are told of all of them
  ///   together.
  package static func text(of count: UInt64, in row: AccuracyRow) -> String {
    guard let kinds = row.mismatchKinds, kinds.total == count else {
      return "\(count) of \(row.elements) outputs are no numbers where there is one, or not what "
        + "masks and special lanes may give"
    }
    let parts = kinds.counts.enumerated().map { place, kind in
      place == 0
        ? "\(kind.count) of \(row.elements) outputs are \(kind.predicate)"
        : "\(kind.count) are \(kind.predicate)"
    }
    return parts.count < 2
      ? parts.joined()
      : parts.dropLast().joined(separator: ", ") + ", and " + (parts.last ?? "")
  }
}

extension AccuracyRow {
  /// The mismatches that count, in words; nil where none does.
  public var mismatchSentence: String? {
    self.mismatchesInDomain > 0 ? MismatchSentence.text(of: self.mismatchesInDomain, in: self) : nil
  }
}
