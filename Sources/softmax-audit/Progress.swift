import Foundation
import Synchronization

/// The progress of a run, on standard error: a bar where that is a terminal, else a line every half
/// minute.
///
/// Logs of build servers keep every line, and a run that says nothing for long is taken for one
/// that hangs.
final class Progress: Sendable {
  private struct State {
    var done = 0
    var total: Int?
    var isFinished = false
  }

  private let isQuiet: Bool
  private let what: String
  private let start = ContinuousClock().now
  private let state = Mutex(State())

  /// Seconds between two lines.
  private static let interval: Double = 30

  /// - Parameter what: What is counted, in the plural.
  init(isQuiet: Bool, what: String = "cells") {
    self.isQuiet = isQuiet
    self.what = what
    guard !isQuiet, !Console.isTerminal else { return }
    // A thread of its own: all others may be busy or wait for an implementation. It lives as long
    // as somebody counts.
    Thread.detachNewThread { [weak self] in
      while true {
        Thread.sleep(forTimeInterval: Self.interval)
        guard let self, self.tell() else { return }
      }
    }
  }

  deinit { finish() }

  /// Notes how many are done.
  func show(_ done: Int, of total: Int) {
    state.withLock {
      // Threads come in any order.
      $0.done = max($0.done, done)
      $0.total = total
    }
    guard !isQuiet, Console.isTerminal else { return }
    let width = 30
    let filled = total == 0 ? width : done * width / total
    let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled)
    Console.writeToStandardError("\r[\(bar)] \(done)/\(total) \(what)")
  }

  /// Writes a line; false where all is done.
  private func tell() -> Bool {
    let (done, total, isFinished) = state.withLock { ($0.done, $0.total, $0.isFinished) }
    if isFinished { return false }
    let seconds = Int(((ContinuousClock().now - start) / .seconds(1)).rounded())
    let count = total.map { "\(done) of \($0) \(what)" } ?? "no \(what) yet"
    Console.note("progress: \(count) after \(seconds) s")
    return true
  }

  /// Removes the bar, and says no more.
  func finish() {
    let wasFinished = state.withLock { state in
      defer { state.isFinished = true }
      return state.isFinished
    }
    guard !wasFinished, !isQuiet, Console.isTerminal else { return }
    Console.writeToStandardError("\r\u{1B}[K")
  }
}
