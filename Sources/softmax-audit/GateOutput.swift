import AuditReports
import Foundation
import SoftmaxAudit

/// The files that a gate writes, and what a server that builds and tests gets besides.
struct GateOutput {
  var json: String?
  var junit: String?
  var sarif: String?
  var markdown: String?

  var paths: [String] { [json, junit, sarif, markdown].compactMap { $0 } }

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
      guard let file = fopen(path, "a") else {
        throw UserError(
          .cannotWrite,
          "cannot write to \(path), the value of GITHUB_STEP_SUMMARY: \(String(cString: strerror(errno)))"
        )
      }
      defer { fclose(file) }
      let text = Array(GateMarkdownReport.render(gate).utf8)
      guard fwrite(text, 1, text.count, file) == text.count else {
        throw UserError(.cannotWrite, "cannot write to \(path), the value of GITHUB_STEP_SUMMARY")
      }
    }
  }
}
