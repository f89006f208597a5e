import AuditRecords
import AuditReports
import Basics

/// Plans that plan has written.
enum PlanFile {
  /// The plan in a file.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where it cannot be read or is none.
  static func read(_ path: String) throws -> FleetPlan {
    let data = try MappedFile.document(path, advice: "a file that softmax-audit plan has written")
    return try PlanJSON.decode(data, name: path)
  }
}
