extension String {
  /// The text as one word of a shell command.
  public var quotedForShell: String {
    let safe = unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        || "-_./=,:+@%".unicodeScalars.contains($0)
    }
    return safe && !isEmpty ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}
