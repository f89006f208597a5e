/// Several plots as one SVG file that brings its own colours, for pages that only refer to it.
enum SVGFile {
  /// The first line of a file, by which a later run knows what it may replace.
  package static let marker = "<!-- A figure of a softmax-audit report. -->"

  /// The file, with a line break at the end.
  ///
  /// - Parameter plots: At least one; they stand in rows of two.
  static func render(_ plots: [Plot], title: String) -> String {
    let drawings = plots.map { PlotDrawing($0, hasTooltips: false) }
    let columns = min(2, drawings.count)
    var rows: [[PlotDrawing]] = []
    for start in stride(from: 0, to: drawings.count, by: columns) {
      rows.append(Array(drawings[start..<min(start + columns, drawings.count)]))
    }
    let width = Double(columns) * (PlotDrawing.width + 16)
    let heights = rows.map { $0.map(\.height).max() ?? 0 }
    let number = SVGWriter.number
    let height = heights.reduce(0) { $0 + $1 + 12 }
    let styles = drawings.reduce(into: Set<Int>()) { $0.formUnion($1.styles) }
    let markers = PlotDrawing.markers(of: styles)
    var svg = SVGWriter()
    svg.group(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "width": number(width), "height": number(height),
        "viewBox": "0 0 \(number(width)) \(number(height))", "role": "img",
      ]
    ) { svg in
      svg.description("title", title)
      svg.description(
        "desc", plots.map { "\($0.title): \($0.description)" }.joined(separator: " "))
      svg.raw(
        "<style>svg{\(FigureStyle.variables(false))}\n"
          + "@media(prefers-color-scheme:dark){svg{\(FigureStyle.variables(true))}}\n"
          + FigureStyle.rules(for: styles) + "\n" + markers.rules + "</style>")
      svg.raw(markers.definitions)
      svg.element(
        "rect", ["width": number(width), "height": number(height), "fill": "var(--paper)"])
      var y = 0.0
      for (row, height) in zip(rows, heights) {
        for (column, drawing) in row.enumerated() {
          let x = Double(column) * (PlotDrawing.width + 16) + 8
          svg.group("g", ["transform": "translate(\(number(x)) \(number(y + 6)))"]) {
            drawing.draw(&$0)
          }
        }
        y += height + 12
      }
    }
    return Self.marker + "\n" + svg.text + "\n"
  }
}
