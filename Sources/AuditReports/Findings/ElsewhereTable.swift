import AuditRecords
import FloatFormats

/// The tolerances in use elsewhere that would have accepted each implementation, next to our
/// verdict.
///
/// A test passes where every output of its tensor does. Each cell is such a tensor; accepted is
/// what passes in all of them.
struct ElsewhereTable {
  /// The answer of a tolerance for all cells of an implementation.
  enum Answer: Equatable {
    case accepted
    /// So many of the cells are rejected.
    case rejected(Int, of: Int)
    /// No cell is rejected, and some hold outputs that the oracle left open.
    case undecided
    case notCovered
  }

  /// Our own.
  enum Verdict: String {
    /// Within the bound of the declared model, and no mismatch that it does not excuse.
    case kept
    case failed
    /// No model is declared, so that there is no bound, and nothing else is wrong.
    case unjudged
  }

  struct Row {
    let summary: AccuracySummary
    let answers: [Answer]
    let verdict: Verdict
  }

  /// The tolerances that cover a format of some row.
  let tolerances: [ToleranceInUse]
  let rows: [Row]

  /// Nil where no row was judged.
  init?(_ summaries: [AccuracySummary]) {
    let judged = summaries.filter { $0.rows.contains { $0.elsewhere != nil } }
    // Those in use elsewhere in the order of their list, then what somebody judged by besides.
    let names = judged.flatMap { $0.rows.flatMap { $0.elsewhere ?? [] } }.map(\.tolerance)
    let own = Set(names).subtracting(ToleranceInUse.all.map(\.name)).sorted()
    let tolerances = (ToleranceInUse.all + own.map(ToleranceInUse.named)).filter { tolerance in
      judged.contains { tolerance.covers($0.outputFormat) }
    }
    guard !judged.isEmpty, !tolerances.isEmpty else { return nil }
    self.tolerances = tolerances
    rows = judged.map { summary in
      Row(
        summary: summary, answers: tolerances.map { Self.answer($0, summary) },
        verdict: summary.isFailure
          ? .failed : summary.rows.contains { $0.bound != nil } ? .kept : .unjudged)
    }
  }

  private static func answer(_ tolerance: ToleranceInUse, _ summary: AccuracySummary) -> Answer {
    var (cells, rejected, undecided) = (0, 0, 0)
    for row in summary.rows {
      // A test whose softmax crashes or hangs does not pass.
      if let failure = row.failure, failure.kind != .notMeasured {
        cells += 1
        rejected += 1
      } else if let count = row.elsewhere?.first(where: { $0.tolerance == tolerance.name }) {
        cells += 1
        if count.rejected > 0 {
          rejected += 1
        } else if count.undecided > 0 {
          undecided += 1
        }
      }
    }
    guard tolerance.covers(summary.outputFormat), cells > 0 else { return .notCovered }
    return rejected > 0 ? .rejected(rejected, of: cells) : undecided > 0 ? .undecided : .accepted
  }

  /// The conclusion from the table: implementations that pass elsewhere and not here.
  var sentences: [String] {
    var lines: [String] = []
    for (index, tolerance) in tolerances.enumerated() {
      let names = rows.filter { $0.verdict == .failed && $0.answers[index] == .accepted }
        .map { "\($0.summary.implementation) in \($0.summary.formatPair)" }
      guard !names.isEmpty else { continue }
      let shown = names.prefix(4).joined(separator: ", ")
      let more = names.count > 4 ? " and \(names.count - 4) more" : ""
      lines.append("\(tolerance.name) accepts what fails here: \(shown)\(more).")
    }
    return lines
  }
}

extension ElsewhereTable.Answer {
  /// As short as can be.
  var word: String {
    switch self {
    case .accepted: "yes"
    case .rejected: "no"
    case .undecided: "?"
    case .notCovered: "-"
    }
  }

  /// With the number of cells.
  var words: String {
    switch self {
    case .accepted: "accepted"
    case .rejected(let count, let all): "rejected (\(count) of \(all))"
    case .undecided: "undecided"
    case .notCovered: "-"
    }
  }
}

extension ElsewhereTable.Verdict {
  var word: String {
    switch self {
    case .kept: "kept"
    case .failed: "FAILED"
    case .unjudged: "no bound"
    }
  }
}
