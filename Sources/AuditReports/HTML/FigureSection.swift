/// The figures of a page.
enum FigureSection {
  static func views(_ figures: [ReportFigure]) -> [HTMLReport.View] {
    figures.filter { !$0.parts.isEmpty }.map { figure in
      [
        "id": "figure-\(figure.id)", "title": figure.title, "caption": figure.caption,
        // A figure of one plot stands beside another; plots of one figure stand side by side.
        "isWide": figure.parts.reduce(0) { $0 + $1.plots.count } > 1,
        "parts": figure.parts.enumerated().map { number, part -> HTMLReport.View in
          [
            // Plots that are not of one algorithm have the formats in their own titles.
            "heading": part.plots.count > 1 ? [["heading": part.heading]] : [],
            "pair": part.pair,
            "isMany": part.plots.count > 2,
            "plots": part.plots.enumerated().map { index, plot -> HTMLReport.View in
              [
                "algorithm": plot.algorithm,
                "svg": PlotDrawing(plot, hasTooltips: true)
                  .standing(id: "\(figure.id)-\(number)-\(index)"),
              ]
            },
          ]
        },
      ]
    }
  }

  /// What cannot be drawn, and why not.
  static func missing(_ figures: [ReportFigure]) -> [String] {
    figures.filter { $0.parts.isEmpty }.map { "\($0.title): \($0.missing)" }
  }
}
