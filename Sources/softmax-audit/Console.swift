import Foundation

/// Standard error: notes, and progress where a person is watching.
enum Console {
  /// Writes a line to standard error.
  static func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Writes text to standard output.
  static func print(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  /// Whether standard error is a terminal.
  static var isTerminal: Bool { isatty(FileHandle.standardError.fileDescriptor) == 1 }
}

/// A line on a terminal that says how far a run is; nothing where standard error is no terminal.
final class Progress: Sendable {
  private let isVisible: Bool

  init(isQuiet: Bool) { isVisible = !isQuiet && Console.isTerminal }

  /// Shows how many of the cells are done.
  func show(_ done: Int, of total: Int) {
    guard isVisible else { return }
    let width = 30
    let filled = total == 0 ? width : done * width / total
    let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled)
    FileHandle.standardError.write(Data("\r[\(bar)] \(done)/\(total) cells".utf8))
  }

  /// Removes the line.
  func finish() {
    guard isVisible else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
  }
}
