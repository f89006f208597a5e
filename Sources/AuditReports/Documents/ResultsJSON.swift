import AuditRecords
import Basics
import Foundation

/// Results as JSON and back.
package enum ResultsJSON {
  /// The document: its checksum, then keys sorted, one line for every row, so that two runs can be
  /// compared with diff.
  package static func encode(_ results: AuditResults) throws -> Data {
    var head = results
    head.accuracy = []
    return DocumentChecksum.seal(
      try DocumentJSON.encode(head, rows: results.accuracy, key: "accuracy"))
  }

  /// The results in a document.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` that names the file and the place where it is
  ///   not what it should be.
  package static func decode(_ data: Data, name: String) throws -> AuditResults {
    let results = try SchemaJSON.decode(
      AuditResults.self, schema: AuditResults.currentSchema, from: data, name: name,
      kind: "results")
    if let gate = results.gate {
      let rules = gate.judgements.map(\.rule) + gate.exclusions.map(\.rule)
      if let stray = rules.first(where: { !gate.rules.indices.contains($0) }) {
        throw UserError(
          .malformedInput,
          "\(name): the gate names rule \(stray) of \(gate.rules.count); write the file anew")
      }
    }
    return results
  }
}
