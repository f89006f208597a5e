import AuditedOperations
import FloatFormats
import Oracle

/// The rows of a case of attention, as the oracle sees them.
final class AttentionRows {
  let shape: AttentionShape
  private let input: AttentionCase
  private let modifiers: AttentionModifiers
  private var heads: [Int: AttentionPlanes] = [:]

  /// - Parameter format: The format of the inputs.
  init(_ input: AttentionCase, in format: FloatFormat) {
    self.input = input
    shape = input.shape
    modifiers = input.rule.modifiers(of: shape, in: format)
  }

  var count: Int { shape.rowCount }

  /// A row, and the keys and values of its head.
  func row(_ number: Int) -> (row: AttentionRow, planes: AttentionPlanes) {
    let head = shape.keyHead(ofRow: number)
    let planes = heads[head] ?? AttentionPlanes(input.head(head))
    heads[head] = planes
    return (
      AttentionRow(
        query: input.query(number), head: planes.head, modifiers: modifiers.row(number, of: shape)),
      planes
    )
  }

  /// The outputs of a row among those of all.
  func outputs(_ number: Int, of all: [Double]) -> [Double] {
    let width = shape.valueDimension
    return Array(all[number * width..<(number + 1) * width])
  }

  /// The words for a row: its query, and its head and batch where there are several.
  func name(_ number: Int) -> String {
    let (batch, head, query) = shape.place(ofRow: number)
    return "query \(query)" + (shape.heads > 1 ? " of head \(head)" : "")
      + (shape.batch > 1 ? " of batch \(batch)" : "")
  }
}
