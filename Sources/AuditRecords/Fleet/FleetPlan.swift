import AuditedOperations
import Basics
import Foundation

/// A run cut into units that machines do one by one: a JSON document of schema
/// `softmax-audit/plan/1`.
///
/// Unit K of N is shard K/N of the run.
package struct FleetPlan: Codable, Sendable, Equatable {
  /// The schema this program writes and reads.
  package static let currentSchema = "softmax-audit/plan/1"
  /// The largest number of units.
  package static let greatestCount = 100_000

  package var schema: String
  package var subject: RunSubject
  /// SHA-256 of the subject and the number of units.
  package var identity: String
  /// The time that the run takes; nil where nothing was measured.
  package var estimate: FleetEstimate?
  package var units: [Unit]

  /// One part of the run.
  package struct Unit: Codable, Sendable, Equatable {
    /// From 1 to the number of units.
    package var unit: Int
    /// SHA-256 of the plan's identity and of the place of the unit.
    package var identity: String
  }

  /// A plan.
  ///
  /// - Throws: ``UserError`` of kind `usage` where there are no such units.
  package init(_ subject: RunSubject, units count: Int, estimate: FleetEstimate?) throws {
    guard (1...Self.greatestCount).contains(count) else {
      throw UserError(.usage, "--units \(count): use a number from 1 to \(Self.greatestCount)")
    }
    schema = Self.currentSchema
    self.subject = subject
    self.estimate = estimate
    let identity = try Self.identity(of: subject, units: count)
    self.identity = identity
    units = (1...count).map {
      Unit(unit: $0, identity: Self.identity(ofUnit: $0, of: count, plan: identity))
    }
  }

  private static func identity(of subject: RunSubject, units count: Int) throws -> String {
    let document = try DocumentJSON.encode(subject, isIndented: false)
    return SHA256.hexDigest(of: [
      currentSchema, String(decoding: document, as: UTF8.self), "\(count)",
    ])
  }

  private static func identity(ofUnit unit: Int, of count: Int, plan: String) -> String {
    SHA256.hexDigest(of: [plan, "\(unit)/\(count)"])
  }

  /// The reason why this is no plan that this program has made, for the end of a sentence; nil
  /// where it may be one.
  package func flaw() throws -> String? {
    guard (1...Self.greatestCount).contains(units.count) else { return "it has no units" }
    guard subject.parts >= units.count else { return "it has more units than parts" }
    let same = try FleetPlan(subject, units: units.count, estimate: estimate)
    guard identity == same.identity else { return "its identity is that of another run" }
    guard units == same.units else { return "its units are those of another run" }
    return nil
  }

  /// The shard of the run that a unit is.
  ///
  /// - Throws: ``UserError`` of kind `usage` where there is no such unit.
  package func shard(ofUnit unit: Int) throws(UserError) -> Shard {
    guard (1...units.count).contains(unit) else {
      throw UserError(
        .usage,
        units.count == 1
          ? "there is no unit \(unit): the plan has one, unit 1"
          : "there is no unit \(unit): the plan has units 1 to \(units.count)")
    }
    return try Shard(index: unit, count: units.count)
  }
}
