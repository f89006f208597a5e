import AuditRecords

/// A figure of a report: a question, and plots that answer it, or a sentence that says why there
/// are none.
struct ReportFigure: Sendable {
  /// Plots of one pair of formats.
  struct Part: Sendable {
    var heading: String
    /// The formats of logits and outputs alone.
    var pair: String
    var plots: [Plot]
  }

  /// A word for links and file names.
  let id: String
  let title: String
  /// The caption: the subject of the figure and its kind, which is a fact, a bound or a statistic.
  let caption: String
  /// The parts that have something to show, in the order of headings.
  let parts: [Part]
  /// The reason why there is nothing to see.
  let missing: String

  /// All figures of a report, in their order.
  static func all(of summaries: [AccuracySummary]) -> [ReportFigure] {
    let lineups = Lineup.lineups(of: summaries)
    return [
      LengthFigure.make(lineups, LengthFigure.typical),
      LengthFigure.make(lineups, LengthFigure.hard),
      SpreadFigure.make(lineups), OffsetFigure.make(lineups), HistogramFigure.make(lineups),
      MagnitudeFigure.make(lineups), SumFigure.make(lineups), SpeedFigure.make(lineups),
    ]
  }

  /// A figure with a plot for each panel of each lineup, as far as there is something to draw.
  init(
    id: String, title: String, caption: String, missing: String, lineups: [Lineup],
    plot: (Lineup, Lineup.Panel) -> Plot?
  ) {
    self.init(
      id: id, title: title, caption: caption, missing: missing,
      parts: lineups.map { lineup in
        var plots = lineup.panels.compactMap { panel -> Plot? in
          guard var plot = plot(lineup, panel), !plot.isEmpty else { return nil }
          plot.algorithm = panel.title
          return plot
        }
        if let shared = Axis.shared(plots.map(\.y)) {
          for index in plots.indices { plots[index].y = shared }
        }
        return Part(
          heading: lineup.heading, pair: lineup.summaries.first?.formatPair ?? "", plots: plots)
      })
  }

  /// The floor of axes of errors in ULP: nobody needs to tell smaller ones apart.
  static let leastError = 0.01

  init(id: String, title: String, caption: String, missing: String, parts: [Part]) {
    self.id = id
    self.title = title
    self.caption = caption
    self.missing = missing
    self.parts = parts.filter { !$0.plots.isEmpty }
  }
}
