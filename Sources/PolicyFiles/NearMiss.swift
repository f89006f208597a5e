/// Guesses what a misspelt word was meant to be.
enum NearMiss {
  /// `; did you mean "..."?` for the known word that is at most two edits away, or holds the text; else nothing.
  static func suggestion(for text: String, among known: [String]) -> String {
    let ranked = known.map { ($0, distance(Array(text), Array($0))) }.min { $0.1 < $1.1 }
    if let (word, edits) = ranked, edits <= min(2, max(1, text.count / 3)) {
      return "; did you mean \"\(word)\"?"
    }
    let containing = known.first { text.count >= 3 && ($0.contains(text) || text.contains($0)) }
    return containing.map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// The number of letters to insert, delete or replace (Levenshtein, 1966).
  private static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(diagonal + (x == y ? 0 : 1), above + 1, row[j] + 1)
        diagonal = above
      }
    }
    return row[b.count]
  }
}
