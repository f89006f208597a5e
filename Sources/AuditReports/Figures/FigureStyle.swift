/// The colours of figures, after Okabe and Ito's palette, which people with any common colour
/// vision tell apart.
///
/// Some are darker on light paper and lighter on dark, so that each has a contrast of 3 to 1 at
/// least. Shapes and dashes repeat what the colours say.
enum FigureStyle {
  static let light: [String] = [
    "#0072b2", "#d55e00", "#00875f", "#b8578d", "#303030", "#a86f00", "#2f86bd", "#7a7000",
  ]
  static let dark: [String] = [
    "#56b4e9", "#f5914e", "#2fc79a", "#e39cc5", "#e8e8e8", "#e9b13c", "#8fa8ff", "#f0e442",
  ]
  private static let dashes = ["", "7 3", "2 3", "9 3 2 3", "5 2", "1 2", "12 3", "4 2 1 2"]

  /// Rules for the classes of ``PlotDrawing`` in all styles.
  static let rules = rules(for: Set(0..<8))

  /// Rules for the classes of ``PlotDrawing`` in some styles; colours are taken from the variables
  /// of ``variables(_:)``.
  static func rules(for styles: Set<Int>) -> String {
    var lines = [
      "svg text{font:12px ui-sans-serif,system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif;"
        + "fill:var(--soft);font-variant-numeric:tabular-nums}",
      "svg .pt{font-size:13px;font-weight:600;fill:var(--ink)}",
      "svg .e{text-anchor:end}svg .m{text-anchor:middle}svg .t{fill:var(--soft)}",
      "svg .g{stroke:var(--grid);stroke-width:1}svg .a{stroke:var(--soft);stroke-width:1}",
      "svg .gd{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 3}",
      "svg .rg{fill:var(--region)}",
      "svg .l{fill:none;stroke-width:1.7;stroke-linejoin:round}",
      "svg .ll{fill:none;stroke-width:1.1;stroke-dasharray:1 3;stroke-linecap:round}",
      "svg .k{stroke:var(--paper);stroke-width:.7}svg .h{fill:var(--paper);stroke-width:1.6}",
    ]
    for index in styles.sorted() {
      lines.append("svg .s\(index){stroke:var(--c\(index))}svg .f\(index){fill:var(--c\(index))}")
      lines.append("svg .f\(index).h{fill:var(--paper);stroke:var(--c\(index))}")
      if !dashes[index].isEmpty {
        lines.append("svg .d\(index){stroke-dasharray:\(dashes[index])}")
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The variables of light or dark paper.
  static func variables(_ isDark: Bool) -> String {
    let base =
      isDark
      ? "--paper:#14171c;--ink:#e9ebee;--soft:#a9b0ba;--grid:#2b3038;--region:#23282f"
      : "--paper:#ffffff;--ink:#16191d;--soft:#59616b;--grid:#e6e8eb;--region:#f0f1f3"
    let colours = (isDark ? dark : light).enumerated().map { "--c\($0):\($1)" }
    return ([base] + colours).joined(separator: ";")
  }
}
