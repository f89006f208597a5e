/// A cell as policies see it: an implementation on one family and length in one pair of formats.
public struct PolicyCell: Sendable, Hashable {
  public var scope: RowScope
  public var family: String
  public var length: Int

  public init(_ scope: RowScope, family: String, length: Int) {
    self.scope = scope
    self.family = family
    self.length = length
  }
}

extension AccuracyRow {
  /// The cell by which policies select the row.
  public var cell: PolicyCell { PolicyCell(scope, family: self.family, length: self.length) }
}
