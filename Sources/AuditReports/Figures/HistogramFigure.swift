import AuditRecords

/// The distribution of signed errors: whether they are centred, and how many are beyond half an
/// ulp.
enum HistogramFigure {
  static func make(_ lineups: [Lineup]) -> ReportFigure {
    ReportFigure(
      id: "histogram", title: "Signed error",
      caption:
        "How errors are distributed, in the normal range, as shares of a sample of the outputs of every cell (at most 1024 "
        + "of a cell, evenly spaced). Bins of a quarter of an ULP up to 2, then doubling. Correct rounding stays within 0.5; a "
        + "curve that leans to one side is a bias. A statistic: it depends on the choice of lanes.",
      missing: "The results hold no sample of errors.", lineups: lineups
    ) { lineup, panel in
      let counts = panel.members.map { counted($0.summary.rows) }
      let bins = counts.flatMap(\.keys)
      guard let least = bins.min(), let most = bins.max() else { return nil }
      let range =
        max(min(least, -5), -1 - ErrorSample.lastBin)...min(max(most, 4), ErrorSample.lastBin)
      let shares = counts.map { counts -> [(bin: Int, share: Double)] in
        let total = counts.values.reduce(0.0) { $0 + Double($1) }
        guard total > 0 else { return [] }
        return range.map { ($0, Double(counts[$0] ?? 0) / total * 100) }
      }
      return Plot(
        title: lineup.title(of: panel), x: axis(over: range),
        y: Axis(
          fromZeroTo: shares.flatMap { $0.map(\.share) }, title: "share of outputs", unit: " %"),
        series: zip(panel.members, shares).map { member, shares in
          Plot.Series(
            name: member.name, style: member.style, line: .steps,
            points: shares.isEmpty
              ? []
              : shares.map {
                Plot.Point(x: Double($0.bin), y: $0.share, tooltip: "")
              } + [Plot.Point(x: Double(range.upperBound) + 1, y: 0, tooltip: "")])
        },
        regions: [Plot.Region(range: -2...2, name: "within ½ ULP")])
    }
  }

  private static func counted(_ rows: [AccuracyRow]) -> [Int: UInt64] {
    var counts: [Int: UInt64] = [:]
    for sample in rows.compactMap(\.sample) {
      for (bin, count) in zip(sample.signedBins, sample.signedCounts) {
        counts[bin] = (counts[bin] ?? 0).addingCapped(count)
      }
    }
    return counts
  }

  /// An axis along the numbers of bins, which writes the errors at their edges.
  private static func axis(over bins: ClosedRange<Int>) -> Axis {
    let width = bins.upperBound - bins.lowerBound + 1
    let wanted: [Int] =
      width > 24 ? [0, 8, 13, 18, 23, 28] : width > 14 ? [0, 4, 8, 11, 14, 17] : [0, 2, 4, 8, 10]
    var ticks: [Axis.Tick] = []
    for edge in wanted {
      let error = ErrorSample.errors(inBin: min(edge, ErrorSample.lastBin)).lowerBound
      let text = error < 10_000 ? FigureText.short(error) : "2\(Int(error.exponent).superscript)"
      if edge <= bins.upperBound + 1 {
        ticks.append(.init(value: Double(edge), label: edge == 0 ? "0" : text))
      }
      if edge > 0, -edge >= bins.lowerBound {
        ticks.append(.init(value: Double(-edge), label: "-" + text))
      }
    }
    return Axis(
      linear: Double(bins.lowerBound)...Double(bins.upperBound + 1),
      title: "signed error, ULP", ticks: ticks.sorted { $0.value < $1.value })
  }
}
