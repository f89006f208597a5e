import AuditRecords
import AuditedOperations
import Basics

/// Finds failures that are there after other calls alone.
///
/// An implementation that keeps a state from call to call fails in one order of calls and not in
/// another, and whoever measures the failing cell by itself sees nothing wrong.
package struct HistoryDependence: Sendable {
  private let plan: AuditPlan
  private let isOneOfSeveral: Bool

  /// - Parameter isOneOfSeveral: Whether the implementations were called for other plans before.
  package init(_ plan: AuditPlan, isOneOfSeveral: Bool = false) {
    self.plan = plan
    self.isOneOfSeveral = isOneOfSeveral
  }

  /// A sentence for each implementation and format whose failures depend on earlier calls: its
  /// worst cell fails among the others, and not by itself in an instance without a past.
  ///
  /// - Parameter rows: Those of the plan.
  package func sentences(about rows: [AccuracyRow]) async throws -> [String] {
    guard isOneOfSeveral || plan.cells.count > 1 else { return [] }
    var sentences: [String] = []
    for implementation in plan.implementations where !implementation.isBuiltIn {
      let own = rows.filter {
        $0.implementation == implementation.name && $0.operation == implementation.operation
      }
      for group in own.grouped(by: \.scope) {
        // A call without an answer says itself what it was.
        guard let worst = Self.worst(of: group), let cell = cell(of: worst) else { continue }
        var alone = plan
        alone.implementations = [try implementation.renewed()]
        alone.cells = [cell]
        alone.outputFormat = worst.outputFormat
        alone.shard = nil
        let again = try await Audit(alone).run()
        guard !again.isEmpty, again.allSatisfy({ !$0.isFailure && $0.failure == nil }) else {
          continue
        }
        sentences.append(
          "\(worst.subject) in \(worst.formatPair): \(worst.family), length \(worst.length), fails after other calls, and not by itself in a new process: what it computes depends on the calls before"
        )
      }
    }
    return sentences
  }

  private static func worst(of rows: [AccuracyRow]) -> AccuracyRow? {
    rows.filter { $0.isFailure && $0.failure == nil }.max { severity(of: $0) < severity(of: $1) }
  }

  private static func severity(of row: AccuracyRow) -> Double {
    row.mismatchesInDomain > 0 ? .infinity : row.bound?.maxRatio?.value ?? 0
  }

  private func cell(of row: AccuracyRow) -> AuditPlan.Cell? {
    plan.cells.first {
      $0.format == row.inputFormat && $0.holds(family: row.family, length: row.length)
    }
  }
}
