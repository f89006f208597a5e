import ArgumentParser
import SoftmaxAudit

/// What laws came to, as the exit status.
struct CheckOutcome {
  let rows: [PropertyRow]
  let notMeasured: [String]

  init(of rows: [PropertyRow], notMeasured: [String]) {
    self.rows = rows
    self.notMeasured = notMeasured
  }

  /// Says what was not measured, and throws the exit status where it is not 0.
  func leave(quietly quiet: Bool) throws {
    if !quiet { for reason in notMeasured { Console.note("not measured: \(reason)") } }
    if rows.contains(where: { $0.verdict == .failed }) { throw ExitCode(Exit.failed) }
    if !notMeasured.isEmpty { throw ExitCode(Exit.notMeasured) }
    if rows.contains(where: { $0.verdict == .notMeasured || $0.verdict == .undecided }) {
      throw ExitCode(Exit.notMeasured)
    }
  }
}
