import AuditRecords
import LogitFamilies

/// The largest error against the length of the lane, with the a-priori bound above it.
enum LengthFigure {
  /// The family of logits that the figure is drawn for.
  struct Subject {
    var id: String
    var title: String
    /// The families that will do, the best first.
    var families: [String]
    /// Whether any other family will do as well.
    var takesAny: Bool
    var remark: String
  }

  static let typical = Subject(
    id: "length", title: "Error against lane length", families: [LogitFamily.sweeping],
    takesAny: true, remark: "Where the error grows, so does the error of long contexts.")
  static let hard = Subject(
    id: "length-hard", title: "Error against lane length, lanes built against the sum",
    families: ["dust", "lost-halves", "staircase-up"], takesAny: false,
    remark:
      "Each addition of a running sum rounds the same way here: the worst that a summation does.")

  static func make(_ lineups: [Lineup], _ subject: Subject) -> ReportFigure {
    let family = family(for: subject, in: lineups)
    let name = family ?? subject.families[0]
    return ReportFigure(
      id: subject.id, title: subject.title,
      caption:
        "The largest error of logits of the family \(name), in ULP of the exact value, and (dotted, in the same colour) the "
        + "bound that judges the very element that has it. Points are certified facts on the lanes measured; dotted lines are "
        + "proved for declared models, and otherwise what every sound softmax keeps to. Neighbouring lengths are drawn as one point, the worst of them. \(subject.remark)",
      missing: subject.takesAny
        ? "No family was measured at two lengths or more."
        : "None of the families \(subject.families.joined(separator: ", ")) was measured at two lengths or more.",
      lineups: family == nil ? [] : lineups
    ) { lineup, panel in
      let leading = lineup.summaries.leading
      // The bound of an element is in ULP.
      func bound(_ row: AccuracyRow) -> Double? {
        leading == .maxUlp && row.maxUlp != nil ? row.worst?.bound?.value : nil
      }
      let rows = panel.members.map { member in
        (
          member,
          worstByLength(member.summary.rows.filter { $0.family == name }) {
            $0.figures[leading]?.value
          }
        )
      }
      let lengths = Set(rows.flatMap { $0.1.map(\.length) })
      guard lengths.count > 1 else { return nil }
      let values = rows.flatMap { $0.1 }.flatMap { row in
        [row.figures[leading]?.value, bound(row)].compactMap { $0 }
      }
      var series: [Plot.Series] = []
      for (member, points) in rows {
        series.append(
          Plot.Series(
            name: member.name, style: member.style, line: .straight,
            points: points.compactMap { row in
              guard let error = row.figures[leading]?.value else { return nil }
              return Plot.Point(
                x: Double(row.length), y: error,
                tooltip: tooltip(member.name, row, leading.words(error), bound: bound(row)),
                isHollow: row.mismatches > 0)
            }))
        series.append(
          Plot.Series(
            name: "\(member.name): bound", style: member.style, line: .limit,
            points: points.compactMap { row in
              guard let bound = bound(row) else { return nil }
              return Plot.Point(x: Double(row.length), y: bound, tooltip: "")
            }, isSecondary: true))
      }
      return Plot(
        title: lineup.title(of: panel),
        x: Axis(logarithmic: lengths.map(Double.init), base: 2, title: "length of the lane"),
        y: Axis(
          logarithmic: values, floor: ReportFigure.leastError,
          title: leading.axisTitle), series: series)
    }
  }

  /// The family at the most lengths; a preferred one where it has two at least.
  static func family(for subject: Subject, in lineups: [Lineup]) -> String? {
    var lengths: [String: Set<Int>] = [:]
    var order: [String] = []
    for row in lineups.flatMap(\.summaries).flatMap(\.rows) where row.length > 0 {
      if lengths[row.family] == nil { order.append(row.family) }
      lengths[row.family, default: []].insert(row.length)
    }
    func count(_ family: String) -> Int { lengths[family]?.count ?? 0 }
    if let preferred = subject.families.first(where: { count($0) > 1 }) { return preferred }
    guard subject.takesAny else { return nil }
    let best = order.max { count($0) < count($1) }
    return best.flatMap { count($0) > 1 ? $0 : nil }
  }

  /// One row for each length, the worst; one for neighbouring lengths where there are many.
  static func worstByLength(
    _ rows: [AccuracyRow], by figure: (AccuracyRow) -> Double?
  ) -> [AccuracyRow] {
    let measured = rows.filter { $0.length > 0 && figure($0) != nil }
    let isDense = Set(measured.map(\.length)).count > 20
    var worst: [Int: AccuracyRow] = [:]
    for row in measured {
      let key = isDense ? nearestPowerOfTwo(row.length) : row.length
      if let other = worst[key], (figure(other) ?? 0) >= (figure(row) ?? 0) { continue }
      worst[key] = row
    }
    return worst.keys.sorted().compactMap { worst[$0] }
  }

  private static func nearestPowerOfTwo(_ length: Int) -> Int {
    let below = Int.bitWidth - 1 - max(length, 1).leadingZeroBitCount
    // Compared without doubling, which a length from a forged file could overflow.
    return length - (1 << below) > (1 << below) / 2 ? below + 1 : below
  }

  private static func tooltip(
    _ name: String, _ row: AccuracyRow, _ error: String, bound: Double?
  ) -> String {
    var text = "\(name), n = \(row.length): \(error)"
    if let bound { text += ", bound \(FigureText.maximum(bound))" }
    if row.mismatches > 0 {
      text += ", and \(FigureText.counted(row.mismatches, "mismatch", "mismatches"))"
    }
    return text
  }
}
