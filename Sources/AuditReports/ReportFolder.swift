import Foundation

/// All forms of a report as the files of one folder.
package enum ReportFolder {
  /// The beginning of every figure, by which a later report knows those that it may remove.
  package static let figureMarker = SVGFile.marker
  /// The folder of the figures.
  package static let figures = "figures"

  /// A file of the folder.
  package struct File: Sendable {
    /// The path in the folder.
    package let path: String
    package let data: Data
  }

  /// The files of a report on one results file, or on several side by side.
  ///
  /// The results themselves are among them, under the names of the sources.
  package static func files(of sources: ReportSources) throws -> [File] {
    let figures = FigureFile.files(of: ReportFigure.all(of: AccuracySummary.summaries(of: sources)))
    var files: [(String, String)] = [
      ("report.html", try HTMLReport.render(sources, hasFiles: true)),
      ("report.md", MarkdownReport.render(sources, figures: figures)),
      ("rows.csv", CSVReport.render(sources)),
    ]
    if !sources.laws.isEmpty { files.append(("laws.csv", CSVReport.renderLaws(sources))) }
    files += figures.flatMap { $0.files.map { ($0.path, $0.content) } }
    return try files.map { File(path: $0.0, data: Data($0.1.utf8)) }
      + sources.files.map { File(path: $0.name, data: try ResultsJSON.encode($0.results)) }
  }
}
