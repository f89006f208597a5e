import AuditReports
import Basics
import Foundation

/// A directory that holds a report in all its forms.
enum ReportDirectory {
  /// Writes the report: all files whole, or none.
  ///
  /// Figures of an earlier report that this one does not have are removed; nothing else is.
  ///
  /// - Returns: The path of the page to open.
  static func write(_ sources: ReportSources, to directory: String) throws -> String {
    let files = try ReportFolder.files(of: sources)
    let figures = directory + "/" + ReportFolder.figures
    try OutputFile.makeDirectory(figures)
    try OutputFile.write(files.map { (directory + "/" + $0.path, $0.data) })
    let current = Set(files.map { directory + "/" + $0.path })
    for name in (try? FileManager.default.contentsOfDirectory(atPath: figures)) ?? [] {
      let path = figures + "/" + name
      guard name.hasSuffix(".svg"), !current.contains(path),
        let data = try? MappedFile.bytes(of: path),
        data.starts(with: Data(ReportFolder.figureMarker.utf8))
      else { continue }
      try? FileManager.default.removeItem(atPath: path)
    }
    return directory + "/report.html"
  }
}
