import AuditRecords
import FloatFormats

/// The distance of the sum of the outputs of a lane from 1.
enum SumFigure {
  static func make(_ lineups: [Lineup]) -> ReportFigure {
    let family = LengthFigure.family(for: LengthFigure.typical, in: lineups)
    return ReportFigure(
      id: "sum", title: "Row-sum defect",
      caption:
        "The largest |sum of outputs - 1| of a lane, added exactly, against its length; family \(family ?? "-"). Certified "
        + "facts on the lanes measured, over lanes without mismatch. The dotted line is the unit roundoff of the output "
        + "format: the order of one rounding of a number near 1.",
      missing: "No family was measured at two lengths or more.",
      lineups: family == nil ? [] : lineups
    ) { lineup, panel in
      let points = panel.members.map { member in
        LengthFigure.worstByLength(
          member.summary.rows.filter { $0.family == family }, by: { $0.maxSumError?.value })
      }
      let lengths = Set(points.flatMap { $0.map(\.length) })
      guard lengths.count > 1 else { return nil }
      let format = panel.members.first?.summary.outputFormat
      return Plot(
        title: lineup.title(of: panel),
        x: Axis(logarithmic: lengths.map(Double.init), base: 2, title: "length of the lane"),
        y: Axis(
          logarithmic: points.flatMap { $0.compactMap { $0.maxSumError?.value } },
          title: "|sum - 1|"),
        series: zip(panel.members, points).map { member, rows in
          Plot.Series(
            name: member.name, style: member.style, line: .straight,
            points: rows.compactMap { row in
              guard let defect = row.maxSumError?.value else { return nil }
              return Plot.Point(
                x: Double(row.length), y: defect,
                tooltip: "\(member.name), n = \(row.length): \(FigureText.maximum(defect))")
            })
        },
        guides: format.map { [Plot.Guide(value: $0.unitRoundoff, name: "u")] } ?? [])
    }
  }
}
