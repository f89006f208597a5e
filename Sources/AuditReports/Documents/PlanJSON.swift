import AuditRecords
import Basics
import Foundation

/// Plans as JSON and back.
package enum PlanJSON {
  /// The document: its checksum, then sorted keys, one line for every unit.
  package static func encode(_ plan: FleetPlan) throws -> Data {
    var head = plan
    head.units = []
    return DocumentChecksum.seal(try DocumentJSON.encode(head, rows: plan.units, key: "units"))
  }

  /// The plan in a document.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` that names the file and the place where it is
  ///   not what it should be.
  package static func decode(_ data: Data, name: String) throws -> FleetPlan {
    let plan = try SchemaJSON.decode(
      FleetPlan.self, schema: FleetPlan.currentSchema, from: data, name: name, kind: "plan")
    if let flaw = try plan.flaw() {
      throw UserError(.malformedInput, "\(name) contradicts itself: \(flaw); plan again")
    }
    return plan
  }
}
