import AuditRecords
import AuditedOperations
import Basics
import FloatFormats

extension Check {
  /// Rows for what the hosts of implementations look at by themselves, see `Inspection`.
  ///
  /// - Parameter laws: Which of it is asked for.
  public func inspect(_ laws: Set<String>) throws -> [PropertyRow] {
    guard !laws.isEmpty else { return [] }
    var rows: [PropertyRow] = []
    for implementation in plan.implementations {
      // What integers do does not depend on a format of floating-point numbers: said once.
      var isFirst = true
      for format in plan.formats where implementation.formats.contains(format) {
        let found: [Inspection]
        do {
          found = try implementation.renewed().inspections(in: format)
        } catch let failure as CallFailure {
          found = laws.map {
            Inspection(law: $0, passed: false, explanation: failure.explanation)
          }
        } catch let error as UserError where error.kind == .notMeasured {
          continue
        }
        for law in Set(found.map(\.law)).intersection(laws).sorted()
        where isFirst || law != Inspection.integerInput {
          rows.append(row(of: law, found.filter { $0.law == law }, implementation, format))
        }
        isFirst = false
      }
    }
    return rows
  }

  private func row(
    of law: String, _ found: [Inspection], _ implementation: any SoftmaxImplementation,
    _ format: FloatFormat
  ) -> PropertyRow {
    let bad = found.filter { !$0.passed }
    let output = plan.outputFormat ?? implementation.defaultOutputFormat(for: format)
    var row = PropertyRow(
      implementation: implementation.name, inputFormat: format,
      outputFormat: output, operation: implementation.operation,
      parameters: plan.settings.parameters, law: law,
      statement: Inspection.statements[law] ?? law, grade: .consistency,
      verdict: bad.isEmpty ? .passed : .failed,
      reason: bad.isEmpty ? nil : bad.map(\.explanation).joined(separator: "; "),
      cases: UInt64(found.count),
      tolerance: law == Inspection.integerInput ? "a hundredth, whatever the format" : "none")
    if row.verdict == .failed, let waiver = plan.settings.waivers[law] {
      row.verdict = .waived
      row.reason = "waived: \(waiver); \(row.reason ?? "")"
    }
    return row
  }
}
