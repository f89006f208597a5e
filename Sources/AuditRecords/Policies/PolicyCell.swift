/// A cell as policies see it: an implementation on one family and length in one pair of formats.
package struct PolicyCell: Sendable, Hashable {
  package var scope: RowScope
  package var family: String
  package var length: Int

  package init(_ scope: RowScope, family: String, length: Int) {
    self.scope = scope
    self.family = family
    self.length = length
  }
}

extension AccuracyRow {
  /// The cell by which policies select the row.
  package var cell: PolicyCell { PolicyCell(scope, family: self.family, length: self.length) }
}
