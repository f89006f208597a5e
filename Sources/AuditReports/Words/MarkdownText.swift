import Basics

/// Texts inside documents of Markdown.
enum MarkdownText {
  /// Text that Markdown leaves alone.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.onOneLine {
      if "\\`*_{}[]<>#|!&~$".contains(character) { result += "\\" }
      result.append(character)
    }
    return result
  }

  /// Text as code; inside a table a bar would end the cell.
  static func code(_ text: String, inTable: Bool = true) -> String {
    let oneLine = text.onOneLine
    // A run of backticks longer than any inside delimits the text.
    var longest = 0
    var current = 0
    for character in oneLine {
      current = character == "`" ? current + 1 : 0
      longest = max(longest, current)
    }
    let fence = String(repeating: "`", count: longest + 1)
    let padding = longest > 0 ? " " : ""
    let shown = inTable ? oneLine.replacing("|", with: "\\|") : oneLine
    return fence + padding + shown + padding + fence
  }
}

extension String {
  package func replacingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }

  package func replacingPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}
