import AuditRecords
import Basics
import Foundation

/// The findings of searches, as JSON and back.
package enum SearchJSON {
  /// The document: its checksum, then sorted keys.
  package static func encode(_ results: SearchResults) throws -> Data {
    var head = results
    head.searches = []
    return DocumentChecksum.seal(
      try DocumentJSON.encode(head, rows: results.searches, key: "searches"))
  }

  /// The findings in a document.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` that names the file and the place where it is
  ///   not what it should be.
  package static func decode(_ data: Data, name: String) throws -> SearchResults {
    try SchemaJSON.decode(
      SearchResults.self, schema: SearchResults.currentSchema, from: data, name: name,
      kind: "search")
  }
}
