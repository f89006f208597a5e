import AuditReports
import Foundation
import SoftmaxAudit

/// The files that a gate writes, and what a server that builds and tests gets besides.
struct GateOutput {
  var json: String?
  var junit: String?
  var sarif: String?
  var markdown: String?

  /// The options that name them.
  var places: [(option: String, path: String?)] {
    [("--json", json), ("--junit", junit), ("--sarif", sarif), ("--markdown", markdown)]
  }

  /// Writes the files, all or none.
  func write(_ results: AuditResults, _ gate: GateResult) throws {
    var files: [(path: String, data: Data)] = []
    if let json { files.append((json, try ResultsJSON.encode(results))) }
    if let junit { files.append((junit, Data(JUnitReport.render(gate).utf8))) }
    if let sarif { files.append((sarif, try SARIFReport.encode(results, gate))) }
    if let markdown { files.append((markdown, Data(GateMarkdownReport.render(gate).utf8))) }
    try OutputFile.write(files)
  }

  /// On GitHub, annotations go to standard output, and the summary to the end of the file that is named for it.
  static func tellServer(_ gate: GateResult) throws {
    let environment = ProcessInfo.processInfo.environment
    if environment["GITHUB_ACTIONS"] == "true" {
      try Console.print(GitHubAnnotations.render(gate))
    }
    if let path = environment["GITHUB_STEP_SUMMARY"], !path.isEmpty {
      // Other steps have written there before, so the file is added to, not replaced.
      do {
        try OutputFile.append(Data(GateMarkdownReport.render(gate).utf8), to: path)
      } catch {
        throw UserError(.cannotWrite, "\(error.message) (the value of GITHUB_STEP_SUMMARY)")
      }
    }
  }
}
