import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import Foundation

/// The worst lanes on disk: a .npy file and a JSON file for each implementation, format and length.
package enum BestLanes {
  /// Writes a finding unless one that is as bad is there.
  ///
  /// - Returns: The path for the .npy file of the lane; `nil` where the finding was not written.
  package static func keep(_ row: SearchRow, in directory: String) throws -> String? {
    guard let found = row.found else { return nil }
    let operation = row.operation == .softmax ? [] : [row.operation.name]
    let name =
      (operation + [
        row.implementation, row.inputFormat.rawValue, row.outputFormat.rawValue, "\(row.length)",
        row.objective.rawValue,
      ])
      .joined(separator: "-").map { $0.isLetter || $0.isNumber || $0 == "-" ? String($0) : "_" }
      .joined()
    let path = URL(fileURLWithPath: directory).appendingPathComponent(name).path
    let file = path + ".json"
    if FileManager.default.fileExists(atPath: file) {
      let known = try read(file)
      guard known.scope == row.scope, known.length == row.length, known.objective == row.objective
      else {
        throw UserError(
          .malformedInput,
          "\(file) is about \(known.implementation); name another directory for --best")
      }
      var both = known
      both.merge(row)
      // Of equal ones the old one stays.
      if both.found?.logits == known.found?.logits || both.found?.logits != found.logits {
        return nil
      }
    }
    try OutputFile.write(DocumentJSON.encode(row, isIndented: false), to: file)
    return path + ".npy"
  }

  private static func read(_ file: String) throws -> SearchRow {
    do {
      return try StrictJSON.decode(SearchRow.self, from: MappedFile.bytes(of: file))
    } catch {
      throw UserError(
        .malformedInput, "\(file) is no finding of a search; name another directory for --best")
    }
  }
}
