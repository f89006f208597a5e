import AuditReports
import Foundation
import SoftmaxAudit

/// Results files that other commands wrote.
enum ResultsFile {
  /// The results in a file.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where it cannot be read, is of another schema, or is none.
  static func read(_ path: String) throws -> AuditResults {
    try ResultsJSON.decode(
      MappedFile.document(path, advice: "a file that softmax-audit wrote with --json"), name: path)
  }
}
