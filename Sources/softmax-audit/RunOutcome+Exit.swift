import ArgumentParser
import Basics
import Foundation

extension RunOutcome {
  /// Says what is wrong, and leaves with the status for it, if anything is.
  ///
  /// - Parameter isQuiet: Whether findings are left to the exit status.
  /// - Throws: `ExitCode`.
  func leave(quietly isQuiet: Bool) throws {
    for line in lines(quietly: isQuiet) { Console.note(line) }
    if let status { throw ExitCode(status.rawValue) }
  }

  /// Ends the process after an error: the one place that makes an exit status of it.
  static func exit(after error: any Error) -> Never {
    let outcome: RunOutcome
    switch error {
    case let error as UserError: outcome = RunOutcome(mistakes: [error])
    case let mistakes as Mistakes: outcome = RunOutcome(mistakes: mistakes.all)
    case let mistakes as any MistakeList: outcome = RunOutcome(mistakes: mistakes.errors)
    case let error as InternalError: outcome = RunOutcome(error)
    case let status as ExitCode: Foundation.exit(status.rawValue)
    default:
      // Help, version and parse errors know their own text; anything else is unexpected.
      let code = SoftmaxAuditCommand.exitCode(for: error)
      if code == .success || code == .validationFailure {
        SoftmaxAuditCommand.exit(withError: error)
      }
      outcome = RunOutcome(InternalError("\(error)"))
    }
    for line in outcome.lines(quietly: false) { Console.note(line) }
    Foundation.exit((outcome.status ?? .internalError).rawValue)
  }
}
