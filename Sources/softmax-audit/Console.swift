import Basics
import Foundation
import Synchronization

/// Standard output for results, standard error for notes and progress.
enum Console {
  /// Writes a line to standard error.
  static func note(_ text: String) { writeToStandardError(text + "\n") }

  /// Whether a file that was asked for has standard output to itself.
  private static let isStandardOutputTaken = Atomic(false)

  /// Lets everything that is printed from now on go to standard error.
  static func leaveStandardOutput() { isStandardOutputTaken.store(true, ordering: .relaxed) }

  /// Writes text to standard output, or to standard error where a file has that.
  static func print(_ text: String) throws(UserError) {
    if isStandardOutputTaken.load(ordering: .relaxed) { return writeToStandardError(text) }
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      throw UserError(.cannotWrite, "cannot write to standard output: \(reason(for: error))")
    }
  }

  private static func reason(for error: any Error) -> String {
    // Foundation says of a closed descriptor that an argument is invalid.
    guard fcntl(FileHandle.standardOutput.fileDescriptor, F_GETFD) >= 0 else {
      return "it is closed"
    }
    // It keeps the error of the system as one of its own.
    let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    let code = cause.flatMap { POSIXError.Code(rawValue: Int32($0.code)) }
    return SystemReason.text(for: code.map { POSIXError($0) } ?? error)
  }

  /// Writes text to standard error; where that is impossible there is nobody to tell.
  static func writeToStandardError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Whether standard error is a terminal.
  static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }
}
