/// Text inside HTML, XHTML and SVG.
enum MarkupText {
  /// The text as content of an element or of a quoted attribute: nothing in it is markup.
  ///
  /// What XML has no place for, and what would turn the direction of the text around it, is a
  /// space.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.onOneLine.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\u{FFFE}", "\u{FFFF}": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
