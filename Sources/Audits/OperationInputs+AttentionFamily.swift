import AuditedOperations
import FloatFormats
import LogitFamilies

extension AttentionShape {
  /// The shape of a case of a family.
  package init(_ sizes: AttentionFamily.Sizes) throws {
    try self.init(
      batch: sizes.batch, heads: sizes.heads, keyHeads: sizes.keyHeads, queries: sizes.queries,
      keys: sizes.keys, dimension: sizes.dimension, valueDimension: sizes.valueDimension)
  }
}

extension AttentionFamily {
  /// The shape of a case with some keys and rows.
  func shape(keys: Int, rows: Int) throws -> AttentionShape {
    try AttentionShape(sizes(keys: keys, rows: rows))
  }
}

extension OperationInputs {
  /// The inputs of an attention that a family makes.
  ///
  /// - Parameters:
  ///   - keys: The number of keys.
  ///   - rows: The number of rows.
  ///   - given: The modifiers of the scores.
  package init(
    _ family: AttentionFamily, keys: Int, rows: Int, seed: UInt64, modifiers given: GivenModifiers
  ) throws {
    let sizes = family.sizes(keys: keys, rows: rows)
    let shape = try AttentionShape(sizes)
    let numbers = family.numbers(seed: seed, sizes, in: F.format)
    self.init(
      query: [F](rounding: numbers.query),
      AttentionInputs(
        shape, key: [F](rounding: numbers.key), value: [F](rounding: numbers.value),
        modifiers: try AttentionModifiers(given, of: shape, in: F.format)))
  }
}
