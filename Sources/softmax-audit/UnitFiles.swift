import AuditRecords
import AuditReports
import Basics
import Foundation

/// The files of one unit in the directory of its plan.
struct UnitFiles {
  private let number: Int
  /// The unit when it is done.
  private let result: String
  /// The state of one that is not.
  let checkpoint: String
  /// The results of its shard before they become a unit; each process has its own.
  let partial: String

  init(_ directory: String, unit: Int) {
    let folder = directory.hasSuffix("/") ? directory : directory + "/"
    number = unit
    result = folder + FleetUnit.file(unit)
    checkpoint = folder + "unit-\(unit).checkpoint"
    partial = folder + ".unit-\(unit)-\(UUID().uuidString).partial"
  }

  /// The unit where it is done; nil where it is to be done.
  ///
  /// - Parameter note: Takes a sentence about a damaged file.
  /// - Throws: ``UserError`` of kind `notMeasured` where the file holds a unit of another plan.
  func done(of plan: FleetPlan, note: (String) -> Void) throws -> FleetUnit? {
    guard FileManager.default.fileExists(atPath: result) else { return nil }
    let unit: FleetUnit
    do {
      let data = try MappedFile.document(result, advice: "another directory")
      unit = try UnitJSON.decode(data, name: result).unit
    } catch let error as UserError {
      note("\(error.message); it is done again")
      return nil
    }
    guard unit.belongs(to: plan), unit.unit == number else {
      throw UserError(
        .notMeasured, "\(result) is a unit of another plan; name another directory for this one")
    }
    return unit
  }

  /// Makes the unit of the results, in one step, and removes its state.
  func finish(_ unit: FleetUnit) throws {
    let results = try MappedFile.document(partial, advice: "another directory")
    try OutputFile.write(UnitJSON.encode(unit, results: results), to: result)
    try? FileManager.default.removeItem(atPath: checkpoint)
  }

  /// Removes the results of the shard, which the unit holds now or nobody wants.
  func discardPartial() { try? FileManager.default.removeItem(atPath: partial) }
}
