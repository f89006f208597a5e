import ArgumentParser

extension ReferenceCommand {
  /// Takes the logits out of a command line, which leaves options and their values.
  ///
  /// The parser copies all values of an argument for each that it adds, so that 16 000 logits would
  /// take seconds.
  ///
  /// - Returns: Everything but the logits, and the logits; what is no option may be none either,
  ///   and is found out later.
  static func split(_ arguments: [String]) -> (words: [String], logits: [String]) {
    guard arguments.first == configuration.commandName else { return (arguments, []) }
    var words: [String] = []
    var logits: [String] = []
    var isValue = false
    for (index, word) in arguments.enumerated() {
      if word == "--" {
        // Behind it there are no options.
        return (words, logits + arguments[(index + 1)...])
      }
      let isOption = word.hasPrefix("--") || word == "-h"
      if index == 0 || isOption || isValue {
        words.append(word)
      } else {
        logits.append(word)
      }
      // Every option takes a value but the one for help, and gives it behind a space or behind =.
      isValue =
        isOption && !isValue && !["--help", "--help-hidden", "--version", "-h"].contains(word)
        && !word.contains("=")
    }
    return (words, logits)
  }
}
