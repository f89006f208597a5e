import AuditRecords

/// The tolerances in use elsewhere that would have accepted each implementation.
struct ElsewhereSection: PagePart {
  /// A tolerance, and where it is in use.
  struct Tolerance: PagePart {
    let name: String
    let formula: String
    let source: String
  }

  /// The answers on one implementation.
  struct Row: PagePart {
    let name: String
    let format: String
    let pair: String
    let algorithm: String
    let verdict: String
    let verdictKind: String
    let ulp: String
    let cells: [Cell]
  }

  /// The answer of one tolerance.
  struct Cell: PagePart {
    let text: String
    let kind: String
  }

  let sentences: [String]
  let tolerances: [Tolerance]
  let rows: [Row]

  /// The section; nil where nobody asked for it.
  init?(_ summaries: [AccuracySummary]) {
    guard let table = ElsewhereTable(summaries) else { return nil }
    sentences = table.sentences
    tolerances = table.tolerances.map {
      Tolerance(name: $0.name, formula: $0.formula, source: $0.source)
    }
    rows = table.rows.map { row in
      Row(
        name: row.summary.named(row.summary.implementation), format: row.summary.formatPair,
        pair: row.summary.formatPair, algorithm: row.summary.algorithm, verdict: row.verdict.word,
        verdictKind: row.verdict == .failed ? "up" : "",
        ulp: FigureText.maximum(row.summary.maxUlp),
        cells: row.answers.map { answer in
          let isAgainst = row.verdict == .failed && answer == .accepted
          return Cell(text: answer.words, kind: isAgainst ? "up" : "")
        })
    }
  }
}
