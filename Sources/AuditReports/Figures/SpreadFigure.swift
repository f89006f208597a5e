import AuditRecords

/// The largest error against the spread of the logits: how many of them matter, and how far exp has
/// to reach.
enum SpreadFigure {
  /// The standard deviation of the logits of a family whose name says it: normal-S, or uniform-S
  /// between -S and S.
  static func spread(of family: String) -> Double? {
    let parts = family.split(separator: "-")
    guard parts.count == 2, let scale = Int(parts[1]), scale > 0 else { return nil }
    switch parts[0] {
    case "normal": return Double(scale)
    case "uniform": return Double(scale) / 3.0.squareRoot()
    default: return nil
    }
  }

  static func make(_ lineups: [Lineup]) -> ReportFigure {
    let length = commonLength(lineups)
    return ReportFigure(
      id: "spread", title: "Error against the spread of the logits",
      caption:
        "The largest error of random logits (families normal-S and uniform-S) against their standard deviation, in lanes of "
        + "\(length.map { "\($0)" } ?? "-") elements. Points are certified facts on the lanes measured.",
      missing:
        "Needs at least two families with a known spread (normal-1, normal-4, uniform-10, …) at one length.",
      lineups: length == nil ? [] : lineups
    ) { lineup, panel in
      let leading = lineup.summaries.leading
      let points = panel.members.map { member in
        member.summary.rows.compactMap { row -> (AccuracyRow, Double, Double)? in
          guard row.length == length, let x = spread(of: row.family),
            let y = row.figures[leading]?.value
          else { return nil }
          return (row, x, y)
        }.sorted { $0.1 < $1.1 }
      }
      let all = points.flatMap { $0 }
      guard Set(all.map(\.1)).count > 1 else { return nil }
      return Plot(
        title: lineup.title(of: panel),
        x: Axis(logarithmic: all.map(\.1), title: "standard deviation of the logits"),
        y: Axis(
          logarithmic: all.map(\.2), floor: ReportFigure.leastError,
          title: leading.axisTitle),
        series: zip(panel.members, points).map { member, points in
          Plot.Series(
            name: member.name, style: member.style, line: .straight,
            points: points.map { row, x, y in
              Plot.Point(
                x: x, y: y,
                tooltip: "\(member.name), \(row.family): \(leading.words(y))",
                isHollow: row.mismatches > 0)
            })
        })
    }
  }

  /// The longest length at which the most such families were measured.
  private static func commonLength(_ lineups: [Lineup]) -> Int? {
    var families: [Int: Set<String>] = [:]
    for row in lineups.flatMap(\.summaries).flatMap(\.rows)
    where row.length > 1 && spread(of: row.family) != nil {
      families[row.length, default: []].insert(row.family)
    }
    let best = families.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
    return best.flatMap { $0.value.count > 1 ? $0.key : nil }
  }
}
