/// The figures of a page.
enum FigureSection {
  static func views(_ figures: [ReportFigure]) -> [HTMLReport.View] {
    figures.map { figure in
      [
        "id": "figure-\(figure.id)", "title": figure.title, "caption": figure.caption,
        "missing": figure.missing, "hasParts": !figure.parts.isEmpty,
        "parts": figure.parts.enumerated().map { number, part -> HTMLReport.View in
          [
            "heading": figure.parts.count > 1 || part.plots.count > 1
              ? [["heading": part.heading]] : [],
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
}
