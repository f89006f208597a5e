/// Commands as texts that a shell takes back.
enum CommandText {
  /// The command line of this run, without the program's path.
  static var own: String {
    (["softmax-audit"] + CommandLine.arguments.dropFirst()).map(\.quotedForShell)
      .joined(separator: " ")
  }
}

extension String {
  /// The text as one word of a shell command.
  var quotedForShell: String {
    let safe = allSatisfy { $0.isLetter || $0.isNumber || "-_./=,:+@%".contains($0) }
    return safe && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
