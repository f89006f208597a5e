import AuditRecords

/// An element on which an implementation is at its worst.
struct WorstWitness {
  /// By what it is the worst.
  enum Kind: Sendable, Equatable {
    case ulp
    case partOfBound
    case both

    var words: String {
      switch self {
      case .ulp: "ULP"
      case .partOfBound: "part of the bound"
      case .both: "ULP and part of the bound"
      }
    }
  }

  let kind: Kind
  let summary: AccuracySummary
  let row: AccuracyRow
  let witness: AccuracyRow.Witness
  /// The error as a part of the bound; nil where nobody noted it for this element.
  let partOfBound: Double?
  /// The command that measures the lane again; nil where it is not known.
  let command: String?

  /// The witnesses of all implementations: of each the largest error, and the largest part of a bound where it is another
  /// element.
  static func all(of sources: ReportSources) -> [WorstWitness] {
    sources.labelled.flatMap { label, source in
      AccuracySummary.summaries(of: source.results).flatMap { summary in
        var summary = summary
        summary.sourceLabel = label
        summary.sourceName = source.name
        return all(of: summary, source.results)
      }
    }
  }

  private static func all(of summary: AccuracySummary, _ results: AuditResults) -> [WorstWitness] {
    func make(_ kind: Kind, _ row: AccuracyRow, _ witness: AccuracyRow.Witness) -> WorstWitness {
      WorstWitness(
        kind: kind, summary: summary, row: row, witness: witness,
        partOfBound: kind == .ulp ? nil : row.bound?.maxRatio?.value,
        command: ReplayCommand.audit(row, witness, of: results))
    }
    let ofUlp = summary.worstRow.flatMap { row in row.worst.map { (row, $0) } }
    let ofBound = summary.worstOfBound.flatMap { row in row.bound?.worst.map { (row, $0) } }
    switch (ofUlp, ofBound) {
    case (nil, nil): return []
    case (let ulp?, nil): return [make(.ulp, ulp.0, ulp.1)]
    case (nil, let bound?): return [make(.partOfBound, bound.0, bound.1)]
    case (let ulp?, let bound?):
      let isSame =
        ulp.0.family == bound.0.family && ulp.0.shape == bound.0.shape
        && ulp.1.sample == bound.1.sample && ulp.1.index == bound.1.index
      return isSame
        ? [make(.both, ulp.0, ulp.1)]
        : [make(.ulp, ulp.0, ulp.1), make(.partOfBound, bound.0, bound.1)]
    }
  }
}
