import Foundation
import SoftmaxAudit

/// Standard output for results, standard error for notes, and progress where a person is watching.
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

/// A line on a terminal that says how far a run is; nothing where standard error is no terminal.
final class Progress: Sendable {
  private let isVisible: Bool
  private let what: String

  /// - Parameter what: What is counted, in the plural.
  init(isQuiet: Bool, what: String = "cells") {
    isVisible = !isQuiet && Console.isTerminal
    self.what = what
  }

  /// Shows how many are done.
  func show(_ done: Int, of total: Int) {
    guard isVisible else { return }
    let width = 30
    let filled = total == 0 ? width : done * width / total
    let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled)
    Console.writeToStandardError("\r[\(bar)] \(done)/\(total) \(what)")
  }

  /// Removes the line.
  func finish() {
    guard isVisible else { return }
    Console.writeToStandardError("\r\u{1B}[K")
  }
}
