import CForeignCalls
import Foundation
import Synchronization

/// The word that is left where somebody interrupts a run; the program then ends as the signal ends
/// it.
enum Interruption {
  private static let words = Mutex<@Sendable () -> String?>({ nil })

  /// The thread that waits for signals, started when it is first asked for.
  private static let waiting: Void = {
    // Nothing but the word is lost where there can be no handler.
    guard softmax_audit_catch_interruptions() == 0 else { return }
    Thread.detachNewThread {
      let number = softmax_audit_await_interruption()
      guard number > 0 else { return }
      let word = Interruption.words.withLock { $0 }() ?? "interrupted"
      // The line of a bar is not the line of a note.
      Console.note((Console.isTerminal ? "\r\u{1B}[K" : "") + word)
      softmax_audit_end_by(number)
    }
  }()

  /// Leaves a word where a signal ends the run from now on.
  ///
  /// - Parameter word: Makes it; `nil` where the run is over.
  static func tell(_ word: @escaping @Sendable () -> String?) {
    words.withLock { $0 = word }
    waiting
  }
}
