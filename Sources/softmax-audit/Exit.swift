import ArgumentParser
import Basics
import Foundation
import Policies

/// The exit statuses of the design page, and the one place that maps errors to them.
enum Exit {
  static let failed: Int32 = 1
  static let notMeasured: Int32 = 2
  static let usage: Int32 = 64
  static let malformedInput: Int32 = 65
  static let internalError: Int32 = 70
  static let cannotWrite: Int32 = 73

  /// When several apply, the first of these is the status.
  private static let precedence = [
    internalError, malformedInput, usage, cannotWrite, failed, notMeasured,
  ]

  /// Says what went wrong on standard error and leaves.
  static func leave(after error: any Error) -> Never {
    switch error {
    case let error as UserError:
      leave(after: [error])
    case let mistakes as Mistakes:
      leave(after: mistakes.all)
    case let mistakes as PolicyMistakes:
      leave(after: mistakes.errors)
    case let error as InternalError:
      leave(afterInternalError: error.message)
    case let status as ExitCode:
      exit(status.rawValue)
    default:
      // Help, version and parse errors know their own text; anything else is unexpected.
      let code = SoftmaxAuditCommand.exitCode(for: error)
      if code == .success || code == .validationFailure {
        SoftmaxAuditCommand.exit(withError: error)
      }
      leave(afterInternalError: "\(error)")
    }
  }

  private static func leave(after errors: [UserError]) -> Never {
    for error in errors { Console.note("error: \(error.message)") }
    let statuses = errors.map { status(of: $0.kind) }
    exit(precedence.first(where: statuses.contains) ?? internalError)
  }

  private static func leave(afterInternalError message: String) -> Never {
    Console.note(
      "internal error: \(message). This is a fault of softmax-audit; please report it.")
    exit(internalError)
  }

  private static func status(of kind: UserError.Kind) -> Int32 {
    switch kind {
    case .usage: usage
    case .malformedInput: malformedInput
    case .cannotWrite: cannotWrite
    case .notMeasured: notMeasured
    }
  }
}
