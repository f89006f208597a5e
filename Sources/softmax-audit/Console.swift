import Foundation
import SoftmaxAudit

/// Standard output for results, standard error for notes and progress.
enum Console {
  /// Writes a line to standard error.
  static func note(_ text: String) { writeToStandardError(text + "\n") }

  /// Writes text to standard output.
  static func print(_ text: String) throws(UserError) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      throw UserError(
        .cannotWrite, "cannot write to standard output: \(OutputFile.reason(error))")
    }
  }

  /// Writes text to standard error; where that is impossible there is nobody to tell.
  static func writeToStandardError(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Whether standard error is a terminal.
  static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }
}
