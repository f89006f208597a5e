import AuditRecords

/// The cost of the errors of each implementation, for all forms of report.
struct ConsequenceTable {
  /// A column: a figure of all rows of an implementation together.
  struct Column: Sendable {
    /// The heading where there is room, and on a terminal.
    let name: String
    let label: String
    let text: @Sendable (AccuracySummary) -> String

    init(_ name: String, _ label: String, _ text: @escaping @Sendable (AccuracySummary) -> String) {
      (self.name, self.label, self.text) = (name, label, text)
    }
  }

  static let columns = [
    Column("largest total variation", "tv") { FigureText.maximum($0[.maxTotalVariation]) },
    Column("largest KL divergence", "KL") { FigureText.maximum($0[.maxKL]) },
    Column("lanes with infinite KL", "inf") { count($0[.klInfinite]) },
    Column("with a lost probability", "lost") { count($0[.klLost]) },
    Column("flips of the arg-max", "flips") { count($0[.argmaxFlips]) },
    Column("of lanes", "lanes") { FigureText.count($0.lanesWithConsequences) },
    Column("outside the band %", "out %") { FigureText.share($0[.outsideBand]) },
    Column("by rounding alone %", "round %") { FigureText.share($0[.outsideBandRounded]) },
  ]

  static let explanation =
    "Total variation: half the sum of |y - p| over a lane. KL divergence: sum p ln(p / y), nats; infinite where an output "
    + "is 0 and p is not, lost where p is too large for rounding to explain it. A flip: no position of the largest output "
    + "holds the largest logit. Outside the band: y / p outside [0.999, 1.002] where p is at least 2^-20, and the same of "
    + "the correctly rounded values. Log-probabilities count as e^y."

  /// The implementations that were asked; not empty.
  let summaries: [AccuracySummary]

  /// The table; `nil` where nobody asked for it.
  init?(_ summaries: [AccuracySummary]) {
    self.summaries = summaries.filter { $0[.argmaxFlips] != nil }
    if self.summaries.isEmpty { return nil }
  }

  private static func count(_ figure: Double?) -> String {
    FigureText.count(figure.flatMap { UInt64(exactly: $0) } ?? 0)
  }
}

extension AccuracySummary {
  /// The lanes of the rows whose consequences were measured.
  fileprivate var lanesWithConsequences: UInt64 {
    only { $0.figures[.argmaxFlips] != nil }.total(\.lanes)
  }
}
