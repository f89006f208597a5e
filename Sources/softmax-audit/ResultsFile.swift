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
    let results = try ResultsJSON.decode(data, name: path)
    noteAge(of: data, path, note: note)
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
