import Foundation

/// JSON as all documents of this program have it: keys sorted, slashes as they are, a line break at
/// the end.
package enum DocumentJSON {
  /// A document.
  ///
  /// - Parameter isIndented: Whether each key has a line of its own; else the document is one line.
  package static func encode(_ document: some Encodable, isIndented: Bool = true) throws -> Data {
    try encoder(isIndented: isIndented).encode(document) + Data("\n".utf8)
  }

  /// A document with many rows, one line for each, so that two of them can be compared with diff.
  ///
  /// - Parameters:
  ///   - head: The document without its rows.
  ///   - key: The key of its empty array of rows.
  package static func encode<Row: Encodable>(
    _ head: some Encodable, rows: [Row], key: String
  ) throws -> Data {
    let encoder = encoder(isIndented: false)
    var text = String(decoding: try encoder.encode(head), as: UTF8.self)
    // The marker stands once: inside texts its quotation marks are escaped.
    guard let range = text.range(of: "\"\(key)\":[]") else {
      throw InternalError("the document has no place for its \(key)")
    }
    let lines = try rows.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    let body = rows.isEmpty ? "[]" : "[\n" + lines.joined(separator: ",\n") + "\n]"
    text.replaceSubrange(range, with: "\"\(key)\":" + body)
    return Data((text + "\n").utf8)
  }

  private static func encoder(isIndented: Bool) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      isIndented
      ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      : [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
