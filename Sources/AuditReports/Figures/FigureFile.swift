/// A figure of a report as files that lie beside it.
struct FigureFile: Sendable {
  struct File: Sendable {
    var heading: String
    /// The path from the report.
    var path: String
    var content: String
  }

  let title: String
  let caption: String
  let missing: String
  let files: [File]

  /// One file for each part of each figure.
  static func files(of figures: [ReportFigure]) -> [FigureFile] {
    var taken = Set<String>()
    return figures.map { figure in
      FigureFile(
        title: figure.title, caption: figure.caption, missing: figure.missing,
        files: figure.parts.map { part in
          let stem = "\(figure.id)-\(slug(part.heading))"
          var name = stem
          var number = 2
          while !taken.insert(name).inserted {
            name = "\(stem)-\(number)"
            number += 1
          }
          return File(
            heading: part.heading, path: "figures/\(name).svg",
            content: SVGFile.render(part.plots, title: "\(figure.title): \(part.heading)"))
        })
    }
  }

  /// The letters and digits of a text, in lower case, with single hyphens between them.
  private static func slug(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.isEmpty ? "other" : words.joined(separator: "-").prefix(60).description
  }
}
