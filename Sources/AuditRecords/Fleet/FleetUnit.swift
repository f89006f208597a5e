import Basics

/// The head of what one unit of a plan has brought: a JSON document of schema
/// `softmax-audit/unit/1`, which holds the results of a shard besides.
package struct FleetUnit: Codable, Sendable, Equatable {
  /// The schema this program writes and reads.
  package static let currentSchema = "softmax-audit/unit/1"

  package var schema: String
  /// The identity of the plan.
  package var plan: String
  /// From 1 to `units`.
  package var unit: Int
  package var units: Int
  /// The identity of the unit.
  package var identity: String
  /// The exit status of its run: 0, 1 or 2.
  package var status: Int32
  /// Seconds that it took.
  package var seconds: Double

  /// A unit of a plan, by its number.
  ///
  /// - Throws: ``UserError`` of kind `usage` where the plan has no such unit.
  package init(
    _ unit: Int, of plan: FleetPlan, status: Int32, seconds: Double
  ) throws(UserError) {
    _ = try plan.shard(ofUnit: unit)
    schema = Self.currentSchema
    self.plan = plan.identity
    self.unit = unit
    units = plan.units.count
    identity = plan.units[unit - 1].identity
    self.status = status
    self.seconds = seconds
  }

  /// Whether it is a unit of a plan.
  package func belongs(to plan: FleetPlan) -> Bool {
    self.plan == plan.identity && units == plan.units.count && plan.units.indices.contains(unit - 1)
      && identity == plan.units[unit - 1].identity
  }

  /// The name of its file in a directory.
  package static func file(_ unit: Int) -> String { "unit-\(unit).json" }

  /// The number of the unit that a file is named after; nil where it is named after none.
  package static func number(inFileName name: String) -> Int? {
    guard let digits = name.wholeMatch(of: /unit-([1-9][0-9]{0,5})\.json/)?.1 else { return nil }
    return Int(digits)
  }
}
