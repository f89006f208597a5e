import ArgumentParser
import AuditReports

extension AuditOutcome {
  /// How many failing cells are named.
  private static let shownFailures = 10

  /// Says what is wrong, unless the user wants no notes, and leaves with the status for it.
  func leave(quietly isQuiet: Bool) throws {
    if !isQuiet {
      for failure in failures.prefix(Self.shownFailures) { Console.note("failed: \(failure)") }
      let more = failures.count - Self.shownFailures
      if more > 0 { Console.note("failed: \(more) more cells") }
      for reason in notMeasured { Console.note("not measured: \(reason)") }
    }
    if !failures.isEmpty { throw ExitCode(Exit.failed) }
    if !notMeasured.isEmpty { throw ExitCode(Exit.notMeasured) }
  }
}
