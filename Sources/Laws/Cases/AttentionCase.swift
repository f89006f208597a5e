import AuditedOperations
import FloatFormats
import PropertyTesting

/// A case of attention: sizes, a rule for the modifiers, and the numbers of queries, keys and
/// values.
///
/// It is told by a ``LawCase`` of one dimension, which holds the numbers of queries, keys and
/// values one after the other, and the sizes and the rule as its first arguments. So the engine
/// shrinks, keeps and replays it as it does any other.
package struct AttentionCase: Sendable, Hashable {
  package var batch: Int
  package var heads: Int
  /// The heads of keys and values; a divisor of those of the queries.
  package var keyHeads: Int
  package var queries: Int
  package var keys: Int
  package var dimension: Int
  package var valueDimension: Int
  package var rule: AttentionRule
  /// Row-major, as keys and values.
  package var query: [Double]
  package var key: [Double]
  package var value: [Double]
  /// The numbers that the law draws besides.
  package var arguments: [Int]

  /// The ranges of the arguments by which a case is told.
  package static let ranges: [ClosedRange<Int>] =
    Array(repeating: 0...1 << 16, count: 7) + AttentionRule.ranges

  /// A case with zeros, to be filled.
  init(
    batch: Int = 1, heads: Int = 1, keyHeads: Int = 1, queries: Int, keys: Int, dimension: Int,
    valueDimension: Int, rule: AttentionRule = AttentionRule()
  ) {
    self.batch = batch
    self.heads = heads
    self.keyHeads = keyHeads
    self.queries = queries
    self.keys = keys
    self.dimension = dimension
    self.valueDimension = valueDimension
    self.rule = rule
    query = Array(repeating: 0, count: batch * heads * queries * dimension)
    key = Array(repeating: 0, count: batch * keyHeads * keys * dimension)
    value = Array(repeating: 0, count: batch * keyHeads * keys * valueDimension)
    arguments = []
  }

  /// The case that a law's case tells; `nil` where it tells none.
  package init?(_ input: LawCase) {
    let count = Self.ranges.count
    guard input.arguments.count >= count,
      let rule = AttentionRule(integers: Array(input.arguments[7..<count])),
      input.arguments[..<7].allSatisfy(Self.ranges[0].contains)
    else { return nil }
    let sizes = input.arguments
    guard sizes[0] > 0, sizes[1] > 0, sizes[2] > 0, sizes[1] % sizes[2] == 0, sizes[3] > 0,
      sizes[5] > 0
    else { return nil }
    batch = sizes[0]
    (heads, keyHeads, queries, keys) = (sizes[1], sizes[2], sizes[3], sizes[4])
    (dimension, valueDimension) = (sizes[5], sizes[6])
    self.rule = rule
    arguments = Array(input.arguments[count...])
    let ends = [
      batch * heads * queries * dimension, batch * keyHeads * keys * dimension,
      batch * keyHeads * keys * valueDimension,
    ]
    guard input.logits.count == ends.reduce(0, +) else { return nil }
    query = Array(input.logits[..<ends[0]])
    key = Array(input.logits[ends[0]..<ends[0] + ends[1]])
    value = Array(input.logits[(ends[0] + ends[1])...])
  }

  /// The case as the engine knows it.
  package var lawCase: LawCase {
    LawCase(
      lane: query + key + value,
      arguments: [batch, heads, keyHeads, queries, keys, dimension, valueDimension]
        + rule.integers + arguments)
  }

  /// The sizes.
  package var shape: AttentionShape {
    let shape = try? AttentionShape(
      batch: batch, heads: heads, keyHeads: keyHeads, queries: queries, keys: keys,
      dimension: dimension, valueDimension: valueDimension)
    guard let shape else { preconditionFailure("sizes of a case fit together") }
    return shape
  }

  /// The numbers as an implementation takes them.
  func inputs<F: BinaryFloat>(as format: F.Type) -> OperationInputs<F> {
    func numbers(_ all: [Double]) -> [F] { all.map { F(rounding: $0) } }
    return OperationInputs(
      query: numbers(query),
      AttentionInputs(
        shape, key: numbers(key), value: numbers(value),
        modifiers: rule.modifiers(of: shape, in: F.format)))
  }

  /// The keys and values of a head, counted through all batches.
  func head(_ number: Int) -> AttentionHead {
    func part(_ numbers: [Double], _ length: Int) -> [Double] {
      Array(numbers[number * keys * length..<(number + 1) * keys * length])
    }
    return AttentionHead(
      keys: part(key, dimension), values: part(value, valueDimension), count: keys,
      dimension: dimension, valueDimension: valueDimension)
  }

  /// The numbers of a query of all.
  func query(_ number: Int) -> [Double] {
    Array(query[number * dimension..<(number + 1) * dimension])
  }
}

// MARK: Changes

extension AttentionCase {
  /// The same case with values of 1.
  var withUnitValues: AttentionCase {
    var changed = self
    changed.value = value.map { _ in 1 }
    return changed
  }

  /// The same case with values that are quarters up to 4.
  var withQuarterValues: AttentionCase {
    var changed = self
    changed.value = value.map { max(-4, min(4, ($0 * 4).rounded() / 4)) }
    return changed
  }

  /// The same case with a 1 at one key in each channel of the values, and 0 elsewhere.
  ///
  /// - Parameter start: The key of the first channel, counted on beyond the last key.
  func showingWeights(from start: Int) -> AttentionCase {
    var changed = self
    for place in value.indices {
      let key = place / valueDimension % keys
      changed.value[place] = (start + place % valueDimension * 5) % keys == key ? 1 : 0
    }
    return changed
  }

  /// The numbers of keys, or of values, as one run for each.
  private func mappingKeys(
    _ numbers: [Double], _ length: Int, _ body: (_ head: [[Double]]) -> [[Double]]
  ) -> [Double] {
    (0..<batch * keyHeads).flatMap { head in
      body(
        (0..<keys).map { key in
          let start = (head * keys + key) * length
          return Array(numbers[start..<start + length])
        }
      ).flatMap(\.self)
    }
  }

  /// The same case with its keys and values in another order.
  func takingKeys(_ order: [Int]) -> AttentionCase {
    var changed = self
    changed.key = mappingKeys(key, dimension) { all in order.map { all[$0] } }
    changed.value = mappingKeys(value, valueDimension) { all in order.map { all[$0] } }
    return changed
  }

  /// The same case with one number in all of some keys, and one in all of their values.
  func replacingKeys(_ places: [Int], key number: Double, value other: Double) -> AttentionCase {
    let places = Set(places)
    func replaced(_ all: [[Double]], _ number: Double) -> [[Double]] {
      all.enumerated().map { places.contains($0) ? $1.map { _ in number } : $1 }
    }
    var changed = self
    changed.key = mappingKeys(key, dimension) { replaced($0, number) }
    changed.value = mappingKeys(value, valueDimension) { replaced($0, other) }
    return changed
  }

  /// The same case with one query of each head.
  func takingQuery(_ number: Int) -> AttentionCase {
    var changed = self
    changed.queries = 1
    changed.query = (0..<batch * heads).flatMap { query($0 * queries + number) }
    return changed
  }

  /// One head of the queries with its keys and values.
  ///
  /// - Parameter number: The head, counted through all batches.
  func takingHead(_ number: Int) -> AttentionCase {
    let own = head(shape.keyHead(ofRow: number * queries))
    var changed = self
    (changed.batch, changed.heads, changed.keyHeads) = (1, 1, 1)
    changed.query = (0..<queries).flatMap { query(number * queries + $0) }
    changed.key = own.keys
    changed.value = own.values
    return changed
  }
}
