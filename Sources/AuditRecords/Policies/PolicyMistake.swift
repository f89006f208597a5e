/// A place in a policy file, both numbers from 1.
package struct PolicyPlace: Sendable, Hashable, Comparable {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static func < (a: Self, b: Self) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// Something in a policy file that is not as it should be.
package struct PolicyMistake: Error, Sendable, Hashable {
  package var place: PolicyPlace
  /// The mistake, and the text that was expected.
  package var message: String

  package init(_ place: PolicyPlace, _ message: String) {
    self.place = place
    self.message = message
  }
}
