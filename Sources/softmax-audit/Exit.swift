import ArgumentParser
import Foundation
import SoftmaxAudit

/// The exit statuses of the design page, and the one place that maps errors to them.
enum Exit {
  static let failed: Int32 = 1
  static let notMeasured: Int32 = 2
  static let usage: Int32 = 64
  static let malformedInput: Int32 = 65
  static let internalError: Int32 = 70
  static let cannotWrite: Int32 = 73

  /// Says what went wrong on standard error and leaves.
  static func leave(after error: any Error) -> Never {
    switch error {
    case let error as UserError:
      Console.note("error: \(error.message)")
      exit(status(of: error.kind))
    case let error as InternalError:
      Console.note("internal error: \(error.message). This is a fault of softmax-audit; please report it.")
      exit(internalError)
    case let status as ExitCode:
      exit(status.rawValue)
    default:
      // Help, version and parse errors know their own text; anything else is unexpected.
      let code = SoftmaxAuditCommand.exitCode(for: error)
      if code == .success || code == .validationFailure {
        SoftmaxAuditCommand.exit(withError: error)
      }
      Console.note("internal error: \(error). This is a fault of softmax-audit; please report it.")
      exit(internalError)
    }
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
