import AuditRecords
import Basics

/// Accuracy against speed: what is neither slower nor less accurate than another stands on the
/// line.
enum SpeedFigure {
  static func make(_ lineups: [Lineup]) -> ReportFigure {
    ReportFigure(
      id: "speed", title: "Accuracy against speed",
      caption:
        "The largest error over everything measured against the time for an output. Nothing is both faster and more accurate "
        + "than an implementation on the line. An outline marks one with mismatches, which cannot be on it. Errors are certified "
        + "on the lanes measured; times are a by-product of this run on this machine, not a benchmark.",
      missing: "No implementation has both a time and an error.",
      parts: lineups.map { lineup in
        ReportFigure.Part(
          heading: lineup.heading, pair: lineup.summaries.first?.formatPair ?? "",
          plots: plot(lineup).map { [$0] } ?? [])
      })
  }

  private struct Candidate {
    var summary: AccuracySummary
    var time: Double
    var error: Double
    var isSound: Bool { summary.mismatches == 0 && summary.standing != .failed }
  }

  private static func plot(_ lineup: Lineup) -> Plot? {
    let leading = lineup.summaries.leading
    let candidates = lineup.summaries.compactMap { summary -> Candidate? in
      guard let time = summary.nsPerElement, let error = summary[leading], time > 0, time.isFinite,
        !error.isNaN
      else { return nil }
      return Candidate(summary: summary, time: time, error: error)
    }
    guard !candidates.isEmpty else { return nil }
    var groups = candidates.map(\.summary.algorithm).uniqued()
    let isGrouped = groups.count <= 8
    if !isGrouped { groups = ["all implementations"] }
    let front = frontier(candidates)
    var series = groups.enumerated().map { style, group in
      Plot.Series(
        name: group, style: style, line: .none,
        points: candidates.filter { !isGrouped || $0.summary.algorithm == group }.map { candidate in
          let name = candidate.summary.shortName
          var text =
            "\(name): \(leading.words(candidate.error)), \(FigureText.statistic(candidate.time)) ns"
          if candidate.summary.mismatches > 0 {
            let count = candidate.summary.mismatches
            text += ", \(FigureText.counted(count, "mismatch", "mismatches"))"
          }
          return Plot.Point(
            x: candidate.time, y: candidate.error, tooltip: text, isHollow: !candidate.isSound)
        })
    }
    if front.count > 1 {
      series.append(
        Plot.Series(
          name: "frontier", style: 4, line: .limit,
          points: front.map { Plot.Point(x: $0.time, y: $0.error, tooltip: "") },
          isSecondary: true))
    }
    return Plot(
      title: lineup.heading,
      x: Axis(logarithmic: candidates.map(\.time), title: "time for an output, ns"),
      y: Axis(
        logarithmic: candidates.map(\.error), floor: ReportFigure.leastError,
        title: leading.axisTitle), series: series)
  }

  /// The sound candidates that no other sound one beats in both, by time.
  private static func frontier(_ candidates: [Candidate]) -> [Candidate] {
    var front: [Candidate] = []
    for candidate in candidates.filter(\.isSound).sorted(by: {
      ($0.time, $0.error) < ($1.time, $1.error)
    }) where front.last.map({ candidate.error < $0.error }) ?? true {
      front.append(candidate)
    }
    return front
  }
}
