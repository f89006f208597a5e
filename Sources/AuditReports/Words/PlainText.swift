extension String {
  /// The text on one line, without characters that a terminal or a page would obey instead of
  /// showing.
  var onOneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
  }

  /// The text broken at spaces into lines of at most a number of characters; longer words are cut.
  func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    // Characters are counted once each: to count what is left for every line takes the square of a
    // long text.
    var used = 0
    for word in split(separator: " ") {
      var left = word.count
      if !line.isEmpty, used + 1 + left <= width {
        line += " " + word
        used += 1 + left
        continue
      }
      if !line.isEmpty { lines.append(line) }
      var rest = word
      while left > width {
        lines.append(String(rest.prefix(width)))
        rest = rest.dropFirst(width)
        left -= width
      }
      line = String(rest)
      used = left
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  /// The text in at most a number of characters; what is cut off shows as an ellipsis.
  func cut(to width: Int) -> String { count > width ? prefix(width - 1) + "…" : self }

  /// The text at the left of a column: cut, or with spaces behind it.
  func leftAligned(in width: Int) -> String {
    let text = cut(to: width)
    return text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// The text at the right of a column, with at least some spaces in front of it; what is too wide
  /// is not cut.
  func rightAligned(in width: Int, gap: Int = 0) -> String {
    String(repeating: " ", count: max(gap, width - count)) + self
  }
}
