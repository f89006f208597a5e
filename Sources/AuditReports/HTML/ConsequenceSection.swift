import AuditRecords

/// The cost of the errors of each implementation.
struct ConsequenceSection: PagePart {
  /// The figures of one implementation.
  struct Row: PagePart {
    let name: String
    let pair: String
    let algorithm: String
    let cells: [String]
  }

  let explanation = ConsequenceTable.explanation
  let columns = ConsequenceTable.columns.map(\.name)
  let rows: [Row]

  /// The section; `nil` where nobody asked for it.
  init?(_ summaries: [AccuracySummary]) {
    guard let table = ConsequenceTable(summaries) else { return nil }
    rows = table.summaries.map { summary in
      Row(
        name: summary.named(summary.subject), pair: summary.formatPair,
        algorithm: summary.algorithm,
        cells: ConsequenceTable.columns.map { $0.text(summary) })
    }
  }
}
