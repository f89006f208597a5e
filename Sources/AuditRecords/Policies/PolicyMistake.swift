/// A place in a policy file, both numbers from 1.
public struct PolicyPlace: Sendable, Hashable, Comparable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (a: Self, b: Self) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// Something in a policy file that is not as it should be.
public struct PolicyMistake: Error, Sendable, Hashable {
  public var place: PolicyPlace
  /// The mistake, and the text that was expected.
  public var message: String

  public init(_ place: PolicyPlace, _ message: String) {
    self.place = place
    self.message = message
  }
}
