import Basics

/// The units that were brought together for a plan, and those that keep them from being all of it.
package enum FleetUnits {
  /// The documents of all units, in their order.
  ///
  /// - Throws: ``Mistakes`` of kind `notMeasured` that name each file that belongs to another plan
  ///   or holds a unit again, and the units that are missing.
  package static func sorted<Document>(
    _ files: [(name: String, unit: FleetUnit, document: Document)], of plan: FleetPlan
  ) throws -> [(name: String, document: Document)] {
    var mistakes = Mistakes()
    var byNumber: [Int: (name: String, document: Document)] = [:]
    for (name, unit, document) in files {
      guard unit.belongs(to: plan) else {
        mistakes.add(.notMeasured, "\(name) is a unit of another plan; leave it out")
        continue
      }
      if let other = byNumber[unit.unit] {
        mistakes.add(
          .notMeasured,
          "\(name) is unit \(unit.unit) again; \(other.name) is it already, leave one out")
        continue
      }
      byNumber[unit.unit] = (name, document)
    }
    let missing = (1...plan.units.count).filter { byNumber[$0] == nil }
    if !missing.isEmpty {
      mistakes.add(
        .notMeasured,
        "\(missing.count == 1 ? "unit" : "units") \(ranges(of: missing)) of \(plan.units.count) \(missing.count == 1 ? "is" : "are") missing; do \(missing.count == 1 ? "it" : "them") with run-unit"
      )
    }
    try mistakes.throwIfAny()
    return byNumber.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Ascending numbers as an array job takes them, such as `1,3-5`.
  package static func ranges(of numbers: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = ranges.last, last.upperBound == number - 1 {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
    }.joined(separator: ",")
  }
}
