import SoftmaxAudit

/// Mismatches told apart: how many of a summary are of each kind, in words.
struct MismatchWords {
  private static let kinds: [(String, @Sendable (MismatchKinds) -> UInt64)] = [
    ("NaN", \.nan), ("infinite", \.infinite), ("negative", \.negative),
    ("not 0 at a logit of -inf", \.masked), ("in special lanes against the policy", \.special),
    ("never written", \.unwritten),
  ]

  /// One clause for each kind that there is; empty where nobody told them apart.
  let clauses: [String]

  init(_ summary: AccuracySummary) {
    clauses = Self.kinds.compactMap { words, count in
      let number = summary.total { row in row.mismatchKinds.map(count) ?? 0 }
      return number > 0 ? "\(FigureText.count(number)) \(words)" : nil
    }
  }

  /// The clauses in one text.
  var text: String { clauses.joined(separator: ", ") }
}
