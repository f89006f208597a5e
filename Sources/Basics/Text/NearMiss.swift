/// Guesses what a misspelt word was meant to be.
package enum NearMiss {
  /// Longer texts are no misspelt names, and comparing them takes the product of the lengths.
  private static let longest = 64

  /// `; did you mean "..."?` for the known word that is at most two edits away, or holds the text;
  /// else nothing.
  package static func suggestion(for text: String, among known: [String]) -> String {
    guard text.utf8.count <= longest else { return "" }
    let ranked = known.map { ($0, distance(Array(text), Array($0))) }.min { $0.1 < $1.1 }
    if let (word, edits) = ranked, edits <= min(2, max(1, text.count / 3)) {
      return "; did you mean \"\(word)\"?"
    }
    let containing = known.first { text.count >= 3 && ($0.contains(text) || text.contains($0)) }
    return containing.map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// `; did you mean "..."?` for the first known name that holds the text or is held by it, or
  /// begins like it; else nothing.
  package static func relative(of text: String, among names: [String]) -> String {
    let near =
      names.filter { $0.contains(text) || text.contains($0) }
      + names.filter { $0.hasPrefix(text.prefix(4)) }
    return near.first.map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// The number of letters to insert, delete, replace or swap with the next (optimal string
  /// alignment).
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var edits = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          edits = min(edits, before[j - 1] + 1)
        }
        row.append(edits)
      }
      (before, last) = (last, row)
    }
    return last[b.count]
  }
}
