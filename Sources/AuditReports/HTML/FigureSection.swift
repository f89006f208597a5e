/// The figures of a page.
struct FigureSection: PagePart {
  /// A figure: plots of one kind, for each pair of formats.
  struct Drawn: PagePart {
    let id: String
    let title: String
    let caption: String
    let isWide: Bool
    let parts: [Part]

    init(_ figure: ReportFigure) {
      id = "figure-\(figure.id)"
      title = figure.title
      caption = figure.caption
      // A figure of one plot stands beside another; plots of one figure stand side by side.
      isWide = figure.parts.reduce(0) { $0 + $1.plots.count } > 1
      parts = figure.parts.enumerated().map { number, part in
        Part(
          // Plots that are not of one algorithm have the formats in their own titles.
          heading: part.plots.count > 1 ? part.heading : nil, pair: part.pair,
          isMany: part.plots.count > 2,
          plots: part.plots.enumerated().map { index, plot in
            let drawing = PlotDrawing(plot, hasTooltips: true)
            return DrawnPlot(
              algorithm: plot.algorithm,
              svg: Markup(drawing.standing(id: "\(figure.id)-\(number)-\(index)")))
          })
      }
    }
  }

  /// The plots of a figure for one pair of formats.
  struct Part: PagePart {
    let heading: String?
    let pair: String
    let isMany: Bool
    let plots: [DrawnPlot]
  }

  /// One plot as a drawing.
  struct DrawnPlot: PagePart {
    let algorithm: String
    let svg: Markup
  }

  let drawn: [Drawn]
  /// The figures that cannot be drawn, and the reasons.
  let missing: [String]

  init(_ figures: [ReportFigure]) {
    drawn = figures.filter { !$0.parts.isEmpty }.map { Drawn($0) }
    missing = figures.filter { $0.parts.isEmpty }.map { "\($0.title): \($0.missing)" }
  }
}
