import AuditRecords

/// Mismatches told apart: how many of a summary are of each kind, in words.
struct MismatchWords {
  /// One clause for each kind that there is; empty where nobody told them apart.
  let clauses: [String]

  init(_ summary: AccuracySummary) {
    clauses = MismatchKinds.predicates.compactMap { count, predicate in
      let number = summary.total { row in row.mismatchKinds.map(count) ?? 0 }
      return number > 0 ? "\(FigureText.count(number)) \(predicate)" : nil
    }
  }

  /// The clauses in one text.
  var text: String { clauses.joined(separator: ", ") }
}
