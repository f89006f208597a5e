import AuditRecords
import AuditReports
import Basics
import Foundation

/// Results files that other commands wrote.
enum ResultsFile {
  /// The results in a file.
  ///
  /// - Parameter note: Takes what a reader has to know, a sentence each.
  /// - Throws: ``UserError`` of kind `malformedInput` where it cannot be read, is of another
  ///   schema, or is none.
  static func read(
    _ path: String, note: (String) -> Void = { Console.note("note: \($0)") }
  ) throws -> AuditResults {
    let data = try MappedFile.document(path, advice: "a file that softmax-audit wrote with --json")
    let results = try decode(data, name: path)
    noteAge(of: data, path, note: note)
    return results
  }

  /// The results in a document.
  ///
  /// - Throws: As ``read(_:note:)``, and where the results say what cannot be true.
  static func decode(_ document: Data, name: String) throws -> AuditResults {
    let results = try ResultsJSON.decode(document, name: name)
    if let contradiction = ResultsConsistency.contradiction(in: results) {
      throw UserError(
        .malformedInput,
        "\(name) contradicts itself: \(contradiction); make it again with softmax-audit")
    }
    return results
  }

  /// Says that nothing tells whether a document was changed, where that is so.
  static func noteAge(of document: Data, _ path: String, note: (String) -> Void) {
    guard DocumentChecksum.state(of: document) == .absent else { return }
    note(
      "\(path) carries no checksum, as earlier versions wrote it: nothing tells whether it was changed"
    )
  }
}
