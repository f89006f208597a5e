import SoftmaxAudit

/// Commands as texts that a shell takes back.
enum CommandText {
  /// The command line of this run, without the program's path.
  static var own: String {
    text(Array(CommandLine.arguments.dropFirst()))
  }

  /// The command line of words, the program's name not among them.
  static func text(_ words: [String]) -> String {
    (["softmax-audit"] + words).map(\.quotedForShell).joined(separator: " ")
  }
}
