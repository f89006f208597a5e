/// Text from outside, made fit to be shown: on one line, of limited length, without anything that
/// is obeyed.
///
/// A terminal obeys escape sequences, and build servers obey lines that begin with `::` or `##[`. A
/// text may also be as long as the process that sent it likes.
enum ForeignText {
  /// The most bytes that are shown of a text.
  static let largestSize = 1000

  /// The text as it can be shown.
  static func shown(_ text: some StringProtocol) -> String { shown(text.utf8) }

  /// The text, given in UTF-8, as it can be shown.
  static func shown(_ bytes: some Collection<UInt8>) -> String {
    var result = ""
    var isGap = false
    for scalar in String(decoding: bytes.prefix(largestSize), as: UTF8.self).unicodeScalars {
      if isSpace(scalar) {
        isGap = !result.isEmpty
        continue
      }
      if isGap { result.unicodeScalars.append(" ") }
      isGap = false
      if isObeyed(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    // Wherever lines are broken, no line begins with a command.
    for command in ["::", "##["] {
      result = result.replacing(" " + command, with: " \\" + command)
      if result.hasPrefix(command) { result = "\\" + result }
    }
    return bytes.count > largestSize ? result + " [... \(bytes.count) bytes in all]" : result
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .lineSeparator, .paragraphSeparator, .spaceSeparator: true
    default: (0x09...0x0D).contains(scalar.value) || scalar.value == 0x85
    }
  }

  /// Whether a character does something instead of being seen: controls, and those that turn the
  /// order of others.
  private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }
}
