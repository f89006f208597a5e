import Basics

/// The command of a run, taken apart.
struct RunCommand {
  /// The program, the subcommand, and the options with their values.
  private let words: [String]

  /// Options that take a value and say which implementations from outside a command is about.
  private static let outsiders: Set<String> = [
    "--plugin", "--python", "--argument", "--library", "--onnx", "--worker",
    "--python-executable", "--time-limit", "--memory-limit",
  ]
  private static let outsiderFlags: Set<String> = ["--in-process"]
  /// Options that take a value and name what the command writes.
  private static let files: Set<String> = [
    "--json", "--report", "--junit", "--sarif", "--markdown", "--output", "--regressions",
  ]

  /// The command that results hold; nil where it is no command line of this program.
  init?(_ command: String) {
    guard let words = command.shellWords, words.first == "softmax-audit", words.count > 1 else {
      return nil
    }
    self.words = words
  }

  /// The options that select implementations from outside, and how they are called.
  var outsiders: [String] {
    options.filter {
      Self.outsiders.contains($0.name) || Self.outsiderFlags.contains($0.name)
    }.flatMap(\.words)
  }

  /// The command as it was, but for the files that it wrote.
  var withoutFiles: String {
    let kept = options.filter { !Self.files.contains($0.name) && $0.name != "--quiet" }
    return (words.prefix(2) + kept.flatMap(\.words)).map(\.onOneLine.quotedForShell)
      .joined(separator: " ")
  }

  /// The options and arguments behind the subcommand; `--name=value` is one word.
  private var options: [(name: String, words: [String])] {
    var options: [(name: String, words: [String])] = []
    var rest = words.dropFirst(2)
    while let word = rest.popFirst() {
      let takesValue = Self.outsiders.contains(word) || Self.files.contains(word)
      if takesValue, let value = rest.popFirst() {
        options.append((word, [word, value]))
      } else {
        options.append((String(word.prefix { $0 != "=" }), [word]))
      }
    }
    return options
  }
}
