import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Oracle

/// The inputs of an attention that somebody saved, row by row.
package struct SavedAttention: Sendable {
  package let query, key, value: any LaneSource
  package let shape: AttentionShape
  package let modifiers: AttentionModifiers

  /// The modifiers as rows tell of them; `nil` for none.
  package private(set) var parameters: RowParameters?

  /// Inputs of one format whose shapes fit together.
  ///
  /// - Throws: `UserError` of kind `malformedInput` where they do not, of kind `usage` for
  ///   modifiers out of their range.
  package init(
    query: any LaneSource, key: any LaneSource, value: any LaneSource,
    modifiers: AttentionModifiers = AttentionModifiers()
  ) throws(UserError) {
    let formats = [query.format, key.format, value.format]
    guard Set(formats).count == 1 else {
      throw UserError(
        .malformedInput,
        "query, key and value hold \(formats.listed); save them in one format")
    }
    self.query = query
    self.key = key
    self.value = value
    self.modifiers = modifiers
    shape = try AttentionShape(query: query.shape, key: key.shape, value: value.shape)
    try modifiers.check(shape)
  }

  /// Inputs with modifiers that somebody asked for, of which rows tell.
  ///
  /// - Throws: `UserError` where shapes, or numbers and shapes of modifiers, do not fit.
  package init(
    query: any LaneSource, key: any LaneSource, value: any LaneSource, given: GivenModifiers
  ) throws(UserError) {
    let shape = try AttentionShape(query: query.shape, key: key.shape, value: value.shape)
    try self.init(
      query: query, key: key, value: value,
      modifiers: AttentionModifiers(given, of: shape, in: query.format))
    parameters = RowParameters(given)
  }

  /// The format of the inputs.
  package var format: FloatFormat { query.format }

  /// The shape of an output.
  package func shape(of part: AttentionPart) -> [Int] {
    part == .output ? shape.output : shape.logSumExp
  }

  /// The shape of an output as lanes of a row each: a logsumexp with the axis of the channels kept.
  package func laneShape(of part: AttentionPart) -> [Int] {
    part == .output ? shape.output : shape.logSumExp + [1]
  }

  /// The number of numbers that a row gives.
  package func outputCount(of part: AttentionPart) -> Int {
    part == .output ? shape.valueDimension : 1
  }

  /// The keys and values of a head, counted through all batches.
  func head(_ number: Int) -> AttentionHead {
    func numbers(_ source: any LaneSource, _ length: Int) -> [Double] {
      var numbers: [Double] = []
      numbers.reserveCapacity(shape.keys * length)
      guard let geometry = try? LaneGeometry(shape: source.shape, axis: -1) else { return [] }
      for key in 0..<shape.keys {
        numbers += source.exactLane(number * shape.keys + key, of: geometry)
      }
      return numbers
    }
    return AttentionHead(
      keys: numbers(key, shape.dimension), values: numbers(value, shape.valueDimension),
      count: shape.keys, dimension: shape.dimension, valueDimension: shape.valueDimension)
  }

  /// A row, with the keys and values that it reads.
  func row(_ number: Int, _ head: AttentionHead) -> AttentionRow {
    guard let geometry = try? LaneGeometry(shape: query.shape, axis: -1) else {
      preconditionFailure("a query has dimensions")
    }
    return AttentionRow(
      query: query.exactLane(number, of: geometry), head: head,
      modifiers: modifiers.row(number, of: shape))
  }

  /// The inputs of an output of a row, by itself.
  package func lane(_ number: Int, _ part: AttentionPart) -> OperationLane {
    OperationLane(row(number, head(shape.keyHead(ofRow: number))), part)
  }

  /// The same inputs with every number rounded to a format, and how many were none of it.
  package func rounded(to format: FloatFormat) throws -> (inputs: SavedAttention, changed: Int) {
    func lanes(_ source: some LaneSource) -> any LaneSource { RoundedLanes(source, to: format) }
    var changed = 0
    for source in [query, key, value] {
      changed += try CoarserGrid.countOutside(format, of: source)
    }
    return (
      try SavedAttention(
        query: lanes(query), key: lanes(key), value: lanes(value), modifiers: modifiers), changed
    )
  }
}

/// The rows of an attention in parts that read one head each.
///
/// A thread keeps the keys and values of one head at a time.
struct AttentionParts {
  private let shape: AttentionShape
  private let size: Int
  private let perHead: Int

  /// The most rows of a part.
  private static let largestSize = 32

  init(_ shape: AttentionShape) {
    self.shape = shape
    size = max(1, min(shape.queries, Self.largestSize))
    perHead = (shape.queries + size - 1) / size
  }

  /// The number of parts.
  var count: Int { shape.batch * shape.heads * perHead }

  /// The rows of a part.
  func rows(_ part: Int) -> Range<Int> {
    let (head, piece) = part.quotientAndRemainder(dividingBy: perHead)
    let start = head * shape.queries + piece * size
    return start..<min(start + size, (head + 1) * shape.queries)
  }
}

/// The last head that was read: rows that follow one another share theirs.
final class HeadReader {
  private let inputs: SavedAttention
  private var last: (number: Int, planes: AttentionPlanes)?

  init(_ inputs: SavedAttention) { self.inputs = inputs }

  /// A row of the inputs, with the keys and values of its head as the filter reads them.
  func row(_ number: Int) -> (row: AttentionRow, planes: AttentionPlanes) {
    let wanted = inputs.shape.keyHead(ofRow: number)
    let planes =
      last.flatMap { $0.number == wanted ? $0.planes : nil }
      ?? AttentionPlanes(inputs.head(wanted))
    last = (wanted, planes)
    return (inputs.row(number, planes.head), planes)
  }

  /// The exact values of an output of a row in a format, behind the filter.
  func filtered(
    _ number: Int, _ part: AttentionPart, in format: FloatFormat, _ oracle: SoftmaxOracle
  ) -> FilteredAttentionRow {
    let (row, planes) = row(number)
    return FilteredAttentionRow(
      OperationLane(row, part), planes, in: format, storedAs: inputs.format, oracle: oracle)
  }
}
