/// Draws a plot as SVG; colours come from the classes of ``FigureStyle``.
struct PlotDrawing {
  static let width = 440.0

  private let plot: Plot
  private let hasTooltips: Bool
  private let legend: [[(name: String, style: Int, left: Double, isLine: Bool)]]
  private let left: Double
  private let right = PlotDrawing.width - 14
  private let top: Double
  private let bottom: Double
  /// The height of the drawing, which depends on the legend.
  let height: Double

  init(_ plot: Plot, hasTooltips: Bool) {
    self.plot = plot
    self.hasTooltips = hasTooltips
    legend = Self.legendRows(plot)
    let longest = plot.y.ticks.map(\.label.count).max() ?? 1
    left = 34 + Double(longest) * 6.6
    // The names of regions stand above the frame, where no line crosses them.
    top = 28 + Double(legend.count) * 17 + (plot.regions.isEmpty ? 8 : 22)
    bottom = top + 196
    height = bottom + 46
  }

  /// The drawing as an `svg` element that fills what it stands in.
  func standing(id: String) -> String {
    var svg = SVGWriter()
    let number = SVGWriter.number
    svg.group(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "plot",
        "viewBox": "0 0 \(number(Self.width)) \(number(height))", "role": "img",
        "aria-labelledby": "\(id)-t \(id)-d",
      ]
    ) { svg in
      svg.description("title", plot.title, id: "\(id)-t")
      svg.description("desc", plot.description, id: "\(id)-d")
      draw(&svg)
    }
    return svg.text
  }

  /// Draws into a surrounding element.
  func draw(_ svg: inout SVGWriter) {
    svg.label(
      Self.fitted(plot.title, to: 58), ["class": "pt", "x": "4", "y": "16"])
    drawLegend(&svg)
    drawRegions(&svg)
    drawAxes(&svg)
    for series in plot.series where series.line == .limit { drawLine(series, &svg) }
    for series in plot.series where series.line != .limit { drawLine(series, &svg) }
    for series in plot.series where series.line == .none || series.line == .straight {
      drawMarks(series, &svg)
    }
  }

  // MARK: Places

  private func horizontal(_ value: Double) -> Double? {
    plot.x.position(of: value).map { left + 8 + $0 * (right - left - 16) }
  }

  private func vertical(_ value: Double) -> Double? {
    plot.y.position(of: value).map { bottom - $0 * (bottom - top) }
  }

  private func place(_ point: Plot.Point) -> (x: Double, y: Double)? {
    guard let x = horizontal(point.x), let y = vertical(point.y) else { return nil }
    return (x, y)
  }

  // MARK: Parts

  private func drawAxes(_ svg: inout SVGWriter) {
    let number = SVGWriter.number
    let levels = plot.y.ticks.compactMap { vertical($0.value) }
    if !levels.isEmpty {
      let lines = levels.map { "M\(number(left)) \(number($0))H\(number(right))" }
      svg.element("path", ["class": "g", "d": lines.joined()])
    }
    for tick in plot.y.ticks {
      guard let y = vertical(tick.value) else { continue }
      svg.label(tick.label, ["class": "e", "x": number(left - 6), "y": number(y + 4)])
    }
    for guide in plot.guides {
      guard let y = vertical(guide.value), y > top, y < bottom else { continue }
      svg.element(
        "line",
        ["class": "gd", "x1": number(left), "x2": number(right), "y1": number(y), "y2": number(y)])
      svg.label(guide.name, ["class": "n", "x": number(left + 4), "y": number(y - 3)])
    }
    let ticks = plot.x.ticks.compactMap { horizontal($0.value) }
      .map { "M\(number($0)) \(number(bottom))v4" }
    svg.element(
      "path",
      [
        "class": "a",
        "d": "M\(number(left)) \(number(bottom))H\(number(right))" + ticks.joined(),
      ])
    var lastLabel = -Double.infinity
    for tick in plot.x.ticks {
      guard let x = horizontal(tick.value) else { continue }
      let half = Double(tick.label.count) * 3.3
      guard x - half > lastLabel + 4 else { continue }
      lastLabel = x + half
      svg.label(tick.label, ["class": "m", "x": number(x), "y": number(bottom + 17)])
    }
    svg.label(
      plot.x.title,
      ["class": "m t", "x": number((left + right) / 2), "y": number(bottom + 36)])
    svg.label(
      plot.y.title,
      [
        "class": "m t",
        "transform": "translate(13 \(number((top + bottom) / 2))) rotate(-90)",
      ])
  }

  private func drawRegions(_ svg: inout SVGWriter) {
    let number = SVGWriter.number
    for region in plot.regions {
      let from = max(left, horizontal(region.range.lowerBound) ?? left)
      let to = min(right, horizontal(region.range.upperBound) ?? right)
      guard to > from else { continue }
      svg.element(
        "rect",
        [
          "class": "rg", "x": number(from), "y": number(top), "width": number(to - from),
          "height": number(bottom - top),
        ], tooltip: hasTooltips ? region.name : nil)
      svg.label(
        region.name,
        ["class": "m", "x": number(middle(from, to, region.name)), "y": number(top - 5)])
    }
  }

  /// The centre of a name that belongs over a stretch, so that it stays inside the drawing.
  private func middle(_ from: Double, _ to: Double, _ name: String) -> Double {
    let half = Double(name.count) * 3.3
    return min(max((from + to) / 2, left + half), right - half)
  }

  private func drawLine(_ series: Plot.Series, _ svg: inout SVGWriter) {
    guard series.line != .none else { return }
    let number = SVGWriter.number
    var path: [String] = []
    var isPenUp = true
    var previous: Double?
    for point in series.points {
      guard let (x, y) = place(point) else {
        isPenUp = true
        continue
      }
      if series.line == .steps, let level = previous, !isPenUp {
        path.append(" \(number(x)) \(number(level))")
      }
      // What follows the first place of a path is a line to the next.
      path.append("\(isPenUp ? "M" : " ")\(number(x)) \(number(y))")
      previous = y
      isPenUp = false
    }
    guard path.count > 1 else { return }
    let marks = bearsMarks(series) ? " q\(series.style % 8)" : ""
    let kind = series.line == .limit ? "ll" : "l d\(series.style % 8)\(marks)"
    svg.element(
      "path", ["class": "\(kind) s\(series.style % 8)", "d": path.joined()],
      tooltip: hasTooltips && series.line != .straight ? series.name : nil)
  }

  /// Whether the line of a series has its marks: where no mark has a text and all are full ones.
  private func bearsMarks(_ series: Plot.Series) -> Bool {
    !hasTooltips && series.line == .straight && !series.points.contains(where: \.isHollow)
      && series.points.count { place($0) != nil } > 1
  }

  private func drawMarks(_ series: Plot.Series, _ svg: inout SVGWriter) {
    if bearsMarks(series) { return }
    guard hasTooltips else { return drawMarkedPaths(series, &svg) }
    for point in series.points {
      guard let (x, y) = place(point) else { continue }
      svg.element(
        "path",
        [
          "class": Self.markClass(series.style, isHollow: point.isHollow),
          "d": Self.mark(series.style, at: (x, y)),
        ], tooltip: point.tooltip)
    }
  }

  /// Draws the marks of a series as invisible paths with a marker at each point, which takes a
  /// fifth of the room.
  private func drawMarkedPaths(_ series: Plot.Series, _ svg: inout SVGWriter) {
    let number = SVGWriter.number
    for isHollow in [false, true] {
      let places = series.points.filter { $0.isHollow == isHollow }.compactMap(place)
      guard !places.isEmpty else { continue }
      let path = places.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: " ")
      svg.element(
        "path",
        ["class": "q\(series.style % 8)\(isHollow ? "h" : "")", "d": "M" + path])
    }
  }

  /// The styles of the series that are drawn.
  var styles: Set<Int> { Set(plot.series.map { $0.style % 8 }) }

  /// The markers of styles and the rules for the paths that bear them.
  static func markers(of styles: Set<Int>) -> (definitions: String, rules: String) {
    var svg = SVGWriter()
    var rules: [String] = []
    svg.group("defs", [:]) { svg in
      for style in styles.sorted() {
        for isHollow in [false, true] {
          let name = "\(style)\(isHollow ? "h" : "")"
          svg.group(
            "marker",
            [
              "id": "m\(name)", "overflow": "visible", "markerUnits": "userSpaceOnUse",
            ]
          ) {
            $0.element(
              "path",
              ["class": markClass(style, isHollow: isHollow), "d": mark(style, at: (0, 0))])
          }
          rules.append("svg .q\(name){fill:none;marker:url(#m\(name))}")
        }
      }
    }
    return (svg.text, rules.joined(separator: "\n"))
  }

  private static func markClass(_ style: Int, isHollow: Bool) -> String {
    "k f\(style % 8)\(isHollow ? " h" : "")"
  }

  private func drawLegend(_ svg: inout SVGWriter) {
    let number = SVGWriter.number
    for (row, entries) in legend.enumerated() {
      let y = 34 + Double(row) * 17
      for entry in entries {
        let x = 4 + entry.left
        if entry.isLine {
          svg.element(
            "path",
            [
              "class": "l d\(entry.style % 8) s\(entry.style % 8)",
              "d": "M\(number(x)) \(number(y - 4))h18",
            ])
        }
        svg.element(
          "path",
          ["class": "k f\(entry.style % 8)", "d": Self.mark(entry.style, at: (x + 9, y - 4))])
        svg.label(entry.name, ["class": "n", "x": number(x + 23), "y": number(y)])
      }
    }
  }

  private static func legendRows(
    _ plot: Plot
  ) -> [[(name: String, style: Int, left: Double, isLine: Bool)]] {
    var rows: [[(name: String, style: Int, left: Double, isLine: Bool)]] = []
    var edge = 0.0
    for series in plot.series where !series.isSecondary && !series.points.isEmpty {
      let name = fitted(series.name, to: 52)
      let room = roomOfText(name) + 36
      if rows.isEmpty || edge + room > width - 20 {
        rows.append([])
        edge = 0
      }
      rows[rows.count - 1].append((name, series.style, edge, series.line != .none))
      edge += room
    }
    return rows
  }

  /// The room that the widest of the usual fonts needs for a legend, in pixels: whatever font a
  /// reader has, entries must not touch.
  private static func roomOfText(_ text: String) -> Double {
    text.reduce(0) { width, character in
      switch character {
      case "i", "j", "l", ".", ",", ":", ";", "'", "|", "!", " ": width + 3.9
      case "f", "r", "t", "-", "/", "(", ")", "[", "]": width + 4.9
      case "m", "w", "M", "W", "@", "%", "_": width + 11.8
      default: width + (character.isUppercase || !character.isASCII ? 9 : 7.5)
      }
    }
  }

  private static func fitted(_ text: String, to count: Int) -> String {
    let line = text.onOneLine
    return line.count > count ? line.prefix(count - 1) + "…" : line
  }

  /// The shape of a style around a point: told apart without colour.
  private static func mark(_ style: Int, at center: (x: Double, y: Double)) -> String {
    let number = SVGWriter.number
    let (x, y) = center
    func from(_ dx: Double, _ dy: Double) -> String { "M\(number(x + dx)) \(number(y + dy))" }
    switch style % 8 {
    case 0: return from(-3.4, 0) + "a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0 -6.8 0z"
    case 1: return from(-3, -3) + "h6v6h-6z"
    case 2: return from(0, -4) + "l4 7h-8z"
    case 3: return from(0, -4.4) + "l4.4 4.4l-4.4 4.4l-4.4 -4.4z"
    case 4: return from(0, 4) + "l4 -7h-8z"
    case 5: return from(-1.3, -4) + "h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z"
    case 6: return from(-4, 0) + "l7 -4v8z"
    default: return from(-4, -1.8) + "h8v3.6h-8z"
    }
  }
}
