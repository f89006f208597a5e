import Basics

/// Commands as texts that a shell takes back.
enum CommandText {
  /// The command line of this run, without the program's path.
  static var own: String {
    (["softmax-audit"] + ProgramArguments.all.dropFirst()).map(\.quotedForShell)
      .joined(separator: " ")
  }
}
