import AuditRecords
import Basics
import Foundation

/// Units of plans as JSON and back.
package enum UnitJSON {
  private static let opening = Data(#","results":"#.utf8)
  private static let closing = Data("}\n".utf8)

  /// The document: its checksum, the head with sorted keys on one line, then the results of the
  /// shard as they were written.
  ///
  /// - Parameter results: A JSON document that ends with a line break.
  package static func encode(_ unit: FleetUnit, results: Data) throws -> Data {
    let head = try DocumentJSON.encode(unit, isIndented: false).dropLast(closing.count)
    return DocumentChecksum.seal(head + opening + results.dropLast() + closing)
  }

  /// The head and the results in a document.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` that names the file and the place where it is
  ///   not what it should be.
  package static func decode(
    _ data: Data, name: String
  ) throws -> (unit: FleetUnit, results: Data) {
    let unit = try SchemaJSON.decode(
      FleetUnit.self, schema: FleetUnit.currentSchema, from: data, name: name, kind: "unit")
    // The opening stands once before the results: inside texts its quotation marks are escaped.
    guard DocumentChecksum.state(of: data) == .intact, let start = data.range(of: opening),
      data.suffix(closing.count) == closing
    else {
      throw UserError(
        .malformedInput, "\(name) is not as run-unit writes it; remove it and do the unit again")
    }
    let results = data[start.upperBound...].dropLast(closing.count)
    return (unit, Data(results) + Data("\n".utf8))
  }
}
