import Basics
import CForeignCalls
import Foundation

/// The words that this program was started with.
enum ProgramArguments {
  /// The program's own name and the arguments; empty where the system tells them in no way.
  ///
  /// The standard library reads them from /proc on Linux, where that is mounted; the loader knows
  /// them anyway.
  static let all: [String] = {
    let count = softmax_audit_argument_count()
    guard count > 0 else { return CommandLine.arguments }
    return (0..<count).map { softmax_audit_argument($0).map { String(cString: $0) } ?? "" }
  }()

  /// Says what may happen without /proc, from which the library of threads of Linux reads.
  static func sayThatThreadsAreUnsure() {
    #if os(Linux)
      guard access("/proc/self/task", F_OK) != 0 else { return }
      Console.note(
        "note: /proc is not mounted; a long run may be ended by the system (SIGILL), which is no result"
      )
    #endif
  }

  /// The words, without the program, of the command that this one runs in its place.
  @TaskLocal static var standingIn: [String]?

  /// The command line of this run as a shell takes it back, without the program's path.
  static var commandLine: String {
    ([ProgramIdentity.name] + (standingIn ?? Array(all.dropFirst()))).map(\.quotedForShell)
      .joined(separator: " ")
  }
}
