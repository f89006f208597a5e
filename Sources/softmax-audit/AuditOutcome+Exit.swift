import ArgumentParser
import AuditReports

extension AuditOutcome {
  /// Says what is wrong, unless the user wants no notes, and leaves with the status for it.
  func leave(quietly isQuiet: Bool) throws {
    if !isQuiet {
      for failure in failures { Console.note("failed: \(failure)") }
      for reason in notMeasured { Console.note("not measured: \(reason)") }
    }
    if !failures.isEmpty { throw ExitCode(Exit.failed) }
    if !notMeasured.isEmpty { throw ExitCode(Exit.notMeasured) }
  }
}
