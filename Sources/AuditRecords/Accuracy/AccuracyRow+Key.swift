extension AccuracyRow: ScopedRow {
  /// The keys, which tell a row from all others of a run.
  public struct Key: Sendable, Hashable {
    public var scope: RowScope
    public var family: String
    public var length: Int
    public var shape: [Int]
    public var axis: Int
    public var outputRole: String?
  }

  public var key: Key {
    Key(
      scope: scope, family: self.family, length: self.length, shape: self.shape, axis: self.axis,
      outputRole: self.outputRole)
  }
}
