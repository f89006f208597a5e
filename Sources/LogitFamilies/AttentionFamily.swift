import FloatFormats
import PropertyTesting
import RealModule

/// A named, seeded source of the queries, keys and values of an attention.
///
/// A family is a value, as ``LogitFamily`` is. The numbers of a case depend on the seed, the
/// family, the format and the sizes, and on nothing else.
///
/// To add one: a line in ``AttentionFamily/all``.
public struct AttentionFamily: Sendable {
  /// The sizes of a case.
  package struct Sizes: Sendable, Hashable {
    package var batch = 1
    /// The heads of the queries.
    package var heads = 1
    /// The heads of the keys and values; a divisor of those of the queries.
    package var keyHeads = 1
    package var queries: Int
    package var keys: Int
    /// The number of numbers of a query and of a key.
    package var dimension: Int
    /// The number of numbers of a value.
    package var valueDimension: Int
  }

  /// The numbers of a case, row-major.
  package struct Numbers: Sendable, Equatable {
    package var query: [Double]
    package var key: [Double]
    package var value: [Double]
  }

  /// The name on the command line and in results.
  package let name: String
  /// The purpose of the family, in one sentence.
  package let purpose: String
  /// Whether the family stands for what programs compute every day.
  package let isOrdinary: Bool
  /// The numbers of keys where none are asked for.
  package let lengths: [Int]
  /// The number of numbers of a query and of a key.
  let dimension: Int
  /// The number of numbers of a value.
  let valueDimension: Int
  /// Whether a case has one head, and as many queries as keys where no number is asked for.
  let isSquare: Bool
  let scores: Scores
  let values: Values

  init(
    _ name: String, _ purpose: String, isOrdinary: Bool = false,
    lengths: [Int] = [17, 129, 1024], dimension: Int = 64, valueDimension: Int? = nil,
    isSquare: Bool = false, _ scores: Scores, _ values: Values = .normal
  ) {
    self.name = name
    self.purpose = purpose
    self.isOrdinary = isOrdinary
    self.lengths = lengths
    self.dimension = dimension
    self.valueDimension = valueDimension ?? dimension
    self.isSquare = isSquare
    self.scores = scores
    self.values = values
  }

  /// The number of rows of a case where none is asked for: fewer where they are long.
  package func defaultRows(keys: Int) -> Int {
    isSquare ? max(keys, 1) : max(16, min(32, 16_384 / max(keys, 1) / 8 * 8))
  }

  /// The sizes of a case with some rows: in two batches of two heads that share one of keys where
  /// the number of rows permits it.
  package func sizes(keys: Int, rows: Int) -> Sizes {
    var sizes = Sizes(
      queries: rows, keys: keys, dimension: dimension, valueDimension: valueDimension)
    if !isSquare, rows > 0, rows.isMultiple(of: 4) {
      (sizes.batch, sizes.heads, sizes.queries) = (2, 2, rows / 4)
    }
    return sizes
  }

  /// The numbers of a case.
  package func numbers(seed: UInt64, _ sizes: Sizes, in format: FloatFormat) -> Numbers {
    var random = CounterGenerator(
      seed: seed,
      stream:
        "attention/\(name)/\(format.rawValue)/\(sizes.keys)/\(sizes.batch)/\(sizes.heads)/\(sizes.queries)"
    )
    let keyCount = sizes.batch * sizes.keyHeads * sizes.keys
    let (query, key) = scores.vectors(
      queries: sizes.batch * sizes.heads * sizes.queries, keys: keyCount, sizes, &random)
    let value = values.numbers(count: keyCount, sizes, &random)
    return Numbers(
      query: query.map(format.rounded), key: key.map(format.rounded),
      value: value.map(format.rounded))
  }
}
