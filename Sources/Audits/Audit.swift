import AuditRecords
import AuditedOperations
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle
import SoftmaxVariants

/// Runs a plan: every cell once, every implementation on the same lanes against the same
/// references.
///
/// Cells are independent and each is measured by one thread, so that results depend neither on the
/// number of threads nor on their speed.
public struct Audit: Sendable {
  public let plan: AuditPlan

  public init(_ plan: AuditPlan) { self.plan = plan }

  /// Measures all cells.
  ///
  /// - Parameter progress: Called after each cell with the number of cells done and the number of
  ///   all.
  /// - Returns: The rows, by implementation, then by cell.
  public func run(
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> [AccuracyRow] {
    let plan = plan
    let chosen = plan.chosenCells
    let byCell = try await WorkQueue.results(
      of: chosen.count, threads: plan.threads, endsWithRun: false, progress: progress
    ) {
      let oracle = SoftmaxOracle()
      return { index in
        let cell = plan.cells[chosen[index]]
        return try cell.format.open(CellWork(plan: plan, cell: cell, oracle: oracle))
      }
    }
    return plan.implementations.indices.flatMap { implementation in
      byCell.flatMap { rows in
        rows.filter { $0.implementation == implementation }.map(\.row)
      }
    }
  }

  /// A row and the implementation it belongs to.
  struct CellRow: Sendable {
    var implementation: Int
    var row: AccuracyRow
  }
}

/// Measures one cell for a known input format, part by part.
private struct CellWork: FormatGenericWork {
  let plan: AuditPlan
  let cell: AuditPlan.Cell
  let oracle: SoftmaxOracle

  func run<F: BinaryFloat>(_ format: F.Type) throws -> [Audit.CellRow] {
    let eligible = plan.implementations.indices.filter {
      plan.implementations[$0].formats.contains(F.format)
        && plan.implementations[$0].askedDomain.includes(cell.source, as: F.format)
    }
    guard !eligible.isEmpty else { return [] }
    if case .attention(let family, let keys, let rows) = cell.source {
      return try AttentionCellWork<F>(plan, family, keys: keys, rows: rows, oracle: oracle)
        .rows(of: eligible.filter { plan.implementations[$0].operation == .attention })
    }
    let geometry = try cell.geometry()
    let modifiers =
      try plan.modifiers[F.format]?.modifiers(of: geometry, in: F.format) ?? .none
    let measurements = try measurements(of: eligible, on: geometry, modifiers, as: format)
    for lanes in parts(for: eligible, isModified: !modifiers.isNone) {
      if let reason = RunDeadline.objection { measurements.forEach { $0.leaveOut(reason) } }
      // Lanes and their exact values take time, which nobody has who asks for none of them.
      guard measurements.contains(where: \.isOpen) else { break }
      let part = try cell.source.part(lanes, seed: plan.seed, as: format)
      for measurement in measurements { try measurement.measure(part) }
    }
    return try measurements.flatMap { try $0.rows() }
  }

  /// One measurement for each operation and output format: references depend on them.
  private func measurements<F: BinaryFloat>(
    of eligible: [Int], on geometry: LaneGeometry, _ modifiers: LogitModifiers, as format: F.Type
  ) throws -> [any PartMeasuring<F>] {
    var measurements: [any PartMeasuring<F>] = []
    for operation in AuditedOperation.all {
      for output in FloatFormat.everyOne {
        let chosen = eligible.filter {
          let implementation = plan.implementations[$0]
          return implementation.operation == operation
            && (plan.outputFormat ?? implementation.defaultOutputFormat(for: F.format)) == output
        }
        guard !chosen.isEmpty else { continue }
        measurements.append(
          try output.open(
            OpeningMeasurement<F>(
              lanes: MeasuredCell(
                operation: operation, family: cell.source.name, geometry: geometry,
                modifiers: operation.takesModifiers ? modifiers : .none,
                loss: plan.loss[F.format] ?? .none,
                parameters: parameters(of: operation, F.format)),
              plan: plan, implementations: chosen, oracle: oracle)))
      }
    }
    return measurements
  }

  /// The modifiers and parameters that were asked for and that an operation takes; `nil` for none.
  private func parameters(
    of operation: AuditedOperation, _ format: FloatFormat
  ) -> RowParameters? {
    RowParameters(
      operation.takesModifiers ? plan.modifiers[format] ?? .none : .none,
      operation.inputs.contains(.targets) ? plan.loss[format] ?? .none : .none)
  }

  /// The parts of the cell; modifiers belong to all of it.
  private func parts(for eligible: [Int], isModified: Bool) -> [Range<Int>] {
    guard !isModified else { return [0..<cell.source.laneCount] }
    return cell.source.parts(
      isFromOutside: eligible.contains { !plan.implementations[$0].isBuiltIn },
      largest: plan.largestPart)
  }
}
