import AuditRecords

/// The cells that more than one results file measures, with the figures of each.
struct SideBySide {
  struct Row {
    var implementation: String
    var heading: String
    var pair: String
    var algorithm: String
    /// One for each source; nil where it has none.
    var summaries: [AccuracySummary?]
  }

  let rows: [Row]

  init(_ sources: ReportSources) {
    let bySource = sources.sources.map { AccuracySummary.summaries(of: $0.results) }
    let lookups = bySource.map { summaries in
      Dictionary(summaries.map { ($0.scope, $0) }, uniquingKeysWith: { first, _ in first })
    }
    var seen = Set<RowScope>()
    var rows: [Row] = []
    for summary in bySource.flatMap({ $0 }) where seen.insert(summary.scope).inserted {
      let found = lookups.map { $0[summary.scope] }
      guard found.count(where: { $0 != nil }) > 1 else { continue }
      rows.append(
        Row(
          implementation: summary.implementation, heading: summary.heading,
          pair: summary.formatPair, algorithm: summary.algorithm, summaries: found))
    }
    self.rows = rows
  }

  /// Obstacles to comparing figures: they are of other lanes.
  static func remarks(_ sources: ReportSources) -> [String] {
    var remarks: [String] = []
    let seeds = Set(sources.sources.map(\.results.seed))
    if seeds.count > 1 {
      remarks.append(
        "The seeds differ: the files measure other lanes, and maxima may differ for that alone.")
    }
    let measured = sources.sources.filter { !$0.results.accuracy.isEmpty }
    let cells = measured.map { source in
      Set(source.results.accuracy.map { "\($0.inputFormat)/\($0.family)/\($0.length)/\($0.lanes)" })
    }
    if seeds.count == 1, Set(cells).count > 1 {
      remarks.append(
        "The files do not measure the same families, lengths and numbers of lanes; maxima may differ for that alone."
      )
    }
    if Set(sources.sources.map { $0.results.environment.processor }).count > 1 {
      remarks.append("The processors differ: times cannot be compared.")
    }
    return remarks
  }
}
