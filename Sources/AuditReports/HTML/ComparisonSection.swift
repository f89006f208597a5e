import AuditRecords

/// Several results files side by side.
struct ComparisonSection: PagePart {
  /// One file, and the run that made it.
  struct File: PagePart {
    /// The letter that stands behind the names of its implementations; `nil` where there is none.
    let label: String?
    let file: String
    let tool: String
    let versions: [String]
    let command: String
    let platform: String
    let processor: String
    let threads: String
    let seed: String
    let oracle: String

    init(_ label: String?, _ source: ReportSources.Source) {
      let results = source.results
      self.label = label
      file = source.name
      tool = "\(results.tool.name) \(results.tool.version)"
      versions = source.implementationVersions
      command = results.command
      platform = results.environment.platform
      processor = results.environment.processor
      threads = FigureText.counted(UInt64(max(0, results.environment.threads)), "thread")
      seed = "\(results.seed)"
      oracle = results.oracle.library
    }
  }

  /// An implementation that more than one file measures.
  struct SharedRow: PagePart {
    let name: String
    let format: String
    let pair: String
    let algorithm: String
    let cells: [Cell]

    init(_ row: SideBySide.Row) {
      name = row.implementation
      format = row.heading
      pair = row.pair
      algorithm = row.algorithm
      let leading = row.summaries.compactMap { $0 }.leading
      let reference = row.summaries[0]?[leading]
      cells = row.summaries.map { Cell($0, leading, reference: reference) }
    }
  }

  /// The figures of an implementation in one file.
  struct Cell: PagePart {
    let max: String
    let kind: String
    let share: String

    init(_ summary: AccuracySummary?, _ leading: FigureDescriptor, reference: Double?) {
      let change = Self.change(summary?[leading], from: reference)
      max = FigureText.maximum(summary?[leading]) + change.arrow
      kind = change.kind
      share = FigureText.share(summary?.correctlyRounded)
    }

    /// An arrow where an error is larger or smaller than that of the first file.
    private static func change(
      _ error: Double?, from reference: Double?
    ) -> (arrow: String, kind: String) {
      guard let error, let reference else { return ("", "") }
      return error > reference ? (" ↑", "up") : error < reference ? (" ↓", "down") : ("", "")
    }
  }

  let hasLabels: Bool
  let rows: [File]
  let remarks: [String]
  let hasNoShared: Bool
  let labels: [String]
  /// The label of the file that the others are compared with.
  let first: String
  let shared: [SharedRow]

  init(_ sources: ReportSources) {
    labels = sources.labelled.map { $0.label ?? "" }
    hasLabels = labels.contains { !$0.isEmpty }
    first = labels[0]
    rows = sources.labelledFiles.map { File($0, $1) }
    remarks = SideBySide.remarks(sources)
    shared = SideBySide(sources).rows.map { SharedRow($0) }
    hasNoShared = shared.isEmpty && !sources.areDisjoint
  }
}
