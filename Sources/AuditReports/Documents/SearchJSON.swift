import AuditRecords
import Foundation

/// What searches have found, as JSON and back.
package enum SearchJSON {
  /// The document: its checksum, then sorted keys.
  package static func encode(_ results: SearchResults) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var head = results
    head.searches = []
    let rows = try results.searches.map { String(decoding: try encoder.encode($0), as: UTF8.self) }
    let text = String(decoding: try encoder.encode(head), as: UTF8.self)
    let body = rows.isEmpty ? "[]" : "[\n" + rows.joined(separator: ",\n") + "\n]"
    return DocumentChecksum.seal(
      Data((text.replacing("\"searches\":[]", with: "\"searches\":" + body) + "\n").utf8))
  }

  /// The findings in a document.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` that names the file and the place where it is not what it should be.
  package static func decode(_ data: Data, name: String) throws -> SearchResults {
    try SchemaJSON.decode(
      SearchResults.self, schema: SearchResults.currentSchema, from: data, name: name,
      kind: "search")
  }
}
