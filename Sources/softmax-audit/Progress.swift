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
  private let kept: String?
  private let start = ContinuousClock().now
  private let state = Mutex(State())

  /// Seconds between two lines.
  private static let interval: Double = 30

  /// - Parameters:
  ///   - what: What is counted, in the plural.
  ///   - kept: What remains of the run where it is interrupted; `nil` where nothing does.
  init(isQuiet: Bool, what: String = "cells", kept: String? = nil) {
    self.isQuiet = isQuiet
    self.what = what
    self.kept = kept
    Interruption.tell { [weak self] in self?.interruption }
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
    let left = timeLeft(done, of: total).map { ", \($0)" } ?? ""
    Console.writeToStandardError("\r[\(bar)] \(done)/\(total) \(what)\(left)\u{1B}[K")
  }

  private var seconds: Double { (ContinuousClock().now - start) / .seconds(1) }

  /// The time that the rest takes if it takes as long as what is done; `nil` in the first seconds.
  private func timeLeft(_ done: Int, of total: Int) -> String? {
    let seconds = seconds
    guard seconds >= 2, 0 < done, done < total else { return nil }
    return "about \(Self.text(seconds: seconds * Double(total - done) / Double(done))) left"
  }

  private static func text(seconds: Double) -> String {
    switch seconds {
    case ..<90: "\(max(1, Int(seconds.rounded()))) s"
    case ..<5400: "\(Int((seconds / 60).rounded())) min"
    default: "\(Int((seconds / 3600).rounded())) h"
    }
  }

  /// The count of what is done, and what is kept of it; `nil` where the run is over.
  private var interruption: String? {
    let (done, total, isFinished) = state.withLock { ($0.done, $0.total, $0.isFinished) }
    guard !isFinished else { return nil }
    let count = total.map { "\(done) of \($0) \(what) were done" } ?? "no \(what) were done"
    return "interrupted after \(Int(seconds.rounded())) s: \(count), "
      + (kept ?? "nothing is kept and no file was written")
  }

  /// Writes a line; false where all is done.
  private func tell() -> Bool {
    let (done, total, isFinished) = state.withLock { ($0.done, $0.total, $0.isFinished) }
    if isFinished { return false }
    let count = total.map { "\(done) of \($0) \(what)" } ?? "no \(what) yet"
    let left = total.flatMap { timeLeft(done, of: $0) }.map { ", \($0)" } ?? ""
    Console.note("progress: \(count) after \(Int(seconds.rounded())) s\(left)")
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
