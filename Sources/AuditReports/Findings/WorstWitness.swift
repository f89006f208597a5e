import AuditRecords

/// An element on which an implementation is at its worst.
struct WorstWitness {
  /// By what it is the worst.
  enum Kind: Sendable, Equatable {
    /// By the leading figure.
    case error
    case partOfBound
    case both
  }

  let kind: Kind
  /// The leading figure of the operation.
  let leading: FigureDescriptor
  let summary: AccuracySummary
  let row: AccuracyRow
  let witness: AccuracyRow.Witness
  /// The error as a part of the bound; nil where nobody noted it for this element.
  let partOfBound: Double?
  /// The command that measures the lane again; nil where it is not known.
  let command: String?

  /// The figure in which it is the worst, in words.
  var words: String {
    let error = leading.word
    return switch kind {
    case .error: error
    case .partOfBound: "part of the bound"
    case .both: "\(error) and part of the bound"
    }
  }

  /// The witnesses of all implementations: of each the largest error, and the largest part of a
  /// bound where it is another element.
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
        kind: kind, leading: summary.leading, summary: summary, row: row, witness: witness,
        partOfBound: kind == .error ? nil : row.bound?.maxRatio?.value,
        command: ReplayCommand.audit(row, witness, of: results))
    }
    let ofError = summary.worstOfLeading
    let ofBound = summary.worstOfBound.flatMap { row in row.bound?.worst.map { (row, $0) } }
    switch (ofError, ofBound) {
    case (nil, nil): return []
    case (let error?, nil): return [make(.error, error.row, error.witness)]
    case (nil, let bound?): return [make(.partOfBound, bound.0, bound.1)]
    case (let error?, let bound?):
      let isSame =
        error.row.family == bound.0.family && error.row.shape == bound.0.shape
        && error.witness.sample == bound.1.sample && error.witness.index == bound.1.index
      return isSame
        ? [make(.both, error.row, error.witness)]
        : [make(.error, error.row, error.witness), make(.partOfBound, bound.0, bound.1)]
    }
  }
}
