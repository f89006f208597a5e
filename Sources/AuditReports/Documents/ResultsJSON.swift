import AuditRecords
import Basics
import Foundation

/// Results as JSON and back.
package enum ResultsJSON {
  /// The document: its checksum, then keys sorted, one line for every row, so that two runs can be compared with diff.
  package static func encode(_ results: AuditResults) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var head = results
    head.accuracy = []
    guard var text = String(data: try encoder.encode(head), encoding: .utf8) else {
      throw InternalError("the results are not UTF-8")
    }
    let rows = try results.accuracy.map { row -> String in
      guard let line = String(data: try encoder.encode(row), encoding: .utf8) else {
        throw InternalError("a row of the results is not UTF-8")
      }
      return line
    }
    let marker = "\"accuracy\":[]"
    guard let range = text.range(of: marker) else {
      throw InternalError("the results have no place for their rows")
    }
    let body = rows.isEmpty ? "[]" : "[\n" + rows.joined(separator: ",\n") + "\n]"
    text.replaceSubrange(range, with: "\"accuracy\":" + body)
    return DocumentChecksum.seal(Data((text + "\n").utf8))
  }

  /// The results in a document.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` that names the file and the place where it is not what it should be.
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
