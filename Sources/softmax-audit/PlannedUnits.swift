import AuditRecords
import AuditReports
import Basics
import Foundation

/// The units of a plan that somebody brings together.
struct PlannedUnits {
  /// The results of the shards, in their order, with the names of the files of the units.
  let results: [(name: String, data: Data)]
  private let plan: FleetPlan

  /// - Parameters:
  ///   - path: The file of the plan.
  ///   - places: Files of units, and directories of them.
  /// - Throws: ``UserError`` of kind `malformedInput` where a file is damaged; ``Mistakes`` of kind
  ///   `notMeasured` where units are of another plan, there twice or missing.
  init(of path: String, in places: [String]) throws {
    plan = try PlanFile.read(path)
    try plan.subject.expectSameProgram(.ofThisRun, in: path)
    let units = try places.flatMap(Self.files).map { name in
      let data = try MappedFile.document(name, advice: "a file that run-unit has written")
      let (unit, results) = try UnitJSON.decode(data, name: name)
      return (name: name, unit: unit, document: results)
    }
    results = try FleetUnits.sorted(units, of: plan).map { ($0.name, $0.document) }
  }

  /// The files of units in a directory, by their number; a file is itself.
  private static func files(in place: String) throws -> [String] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { return [place] }
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: place)
    } catch {
      throw UserError(
        .malformedInput, "\(place) cannot be read: \(SystemReason.text(for: error))")
    }
    return names.compactMap { name in FleetUnit.number(inFileName: name).map { ($0, name) } }
      .sorted { $0.0 < $1.0 }.map { (place.hasSuffix("/") ? place : place + "/") + $0.1 }
  }

  /// The judging that the command of the plan asked for.
  func judging() throws -> MergeCommand.Judging {
    let command = try PlannedCommand(plan.subject.command)
    return (command.largestErrorAllowed, plan.subject.notMeasured)
  }
}
