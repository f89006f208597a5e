extension String {
  /// The text as one word of a shell command.
  package var quotedForShell: String {
    let safe = unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "-_./=,:+@%".unicodeScalars.contains($0)
    }
    return safe && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
  }

  /// The words of a shell command that ``quotedForShell`` made; nil where a quotation mark is not
  /// closed.
  ///
  /// Single quotation marks and backslashes mean what they mean to a shell; nothing else does.
  package var shellWords: [String]? {
    var words: [String] = []
    var word: String?
    var isQuoted = false
    var rest = unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "'":
        isQuoted.toggle()
        word = word ?? ""
      case " " where !isQuoted:
        if let word { words.append(word) }
        word = nil
      case "\\" where !isQuoted:
        guard let escaped = rest.popFirst() else { return nil }
        word = (word ?? "") + String(escaped)
      default: word = (word ?? "") + String(scalar)
      }
    }
    guard !isQuoted else { return nil }
    if let word { words.append(word) }
    return words
  }
}
