import AuditReports
import Foundation
import SoftmaxAudit

/// Results files that other commands wrote.
enum ResultsFile {
  /// The results in a file.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where it cannot be read, is of another schema, or is none.
  static func read(_ path: String) throws -> AuditResults {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UserError(
        .malformedInput, "cannot read \(path); name a file that softmax-audit wrote with --json")
    }
    return try ResultsJSON.decode(data, name: path)
  }
}
