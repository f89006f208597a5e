import AuditRecords
import Foundation

/// The largest error against the offset of the logits, which softmax does not depend on and some
/// formulas do.
enum OffsetFigure {
  private static let family = "offset"

  static func make(_ lineups: [Lineup]) -> ReportFigure {
    let rows = lineups.flatMap(\.summaries).flatMap(\.rows)
    let hasFamily = rows.contains { $0.family == family && $0.sample != nil }
    let what =
      hasFamily ? "logits of the family \(family)" : "all logits measured"
    return ReportFigure(
      id: "offset", title: "Error against the offset of the logits",
      caption:
        "The largest error of \(what) against the magnitude of the lane's largest logit, in decades. Exact softmax does not "
        + "change when a number is added to all logits. From a sample of the outputs: a lower bound of the largest error.",
      missing: "The results hold no errors by offset, or all lanes have offsets of one decade.",
      lineups: lineups
    ) { lineup, panel in
      let maxima = panel.members.map { member -> [(key: Int, value: Double)] in
        var largest: [Int: Double] = [:]
        for row in member.summary.rows where !hasFamily || row.family == family {
          guard let sample = row.sample else { continue }
          for (decade, figure) in zip(sample.decades, sample.decadeMaxima) {
            largest[decade] = max(largest[decade] ?? 0, figure.value)
          }
        }
        return largest.sorted { $0.key < $1.key }
      }
      let decades = maxima.flatMap { $0.map(\.key) }
      guard let least = decades.min(), let most = decades.max(), least < most else { return nil }
      let step = max(1, (most - least + 7) / 8)
      return Plot(
        title: lineup.title(of: panel),
        x: Axis(
          linear: Double(least)...Double(most), title: "magnitude of the largest logit",
          ticks: stride(from: least, through: most, by: step).map {
            Axis.Tick(value: Double($0), label: decade($0))
          }),
        y: Axis(
          logarithmic: maxima.flatMap { $0.map(\.value) }, floor: ReportFigure.leastError,
          title: "largest error, ULP"),
        series: zip(panel.members, maxima).map { member, maxima in
          Plot.Series(
            name: member.name, style: member.style, line: .straight,
            points: maxima.map { key, value in
              Plot.Point(
                x: Double(key), y: value,
                tooltip:
                  "\(member.name), offset \(decade(key)): \(FigureText.maximum(value)) ULP")
            })
        })
    }
  }

  private static func decade(_ number: Int) -> String {
    switch number {
    case ..<1: "< 10"
    case 1: "10"
    case 2: "100"
    default: "10\(number.superscript)"
    }
  }
}
