import ArgumentParser
import AuditRecords
import AuditReports
import Audits
import Basics
import Foundation

/// The output of a run besides its text.
struct OutputOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Write the results as JSON.", valueName: "file"))
  var json: String?

  @Flag(name: .long, help: "No progress, no notes and no text; only files and the exit status.")
  var quiet = false

  /// The options that write a file.
  var files: [(option: String, path: String?)] { [("--json", json)] }

  /// Writes a document where one was asked for, and prints a text unless nothing is to be printed.
  func write(_ document: @autoclosure () throws -> Data, text: @autoclosure () -> String) throws {
    if let json { try OutputFile.write(document(), to: json) }
    if !quiet { try Console.print(text()) }
  }
}

/// The output of a measurement: JSON, a text, and a directory with reports in all forms.
struct ReportOptions: ParsableArguments {
  @OptionGroup
  var output: OutputOptions

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write report.html, report.md with figures, rows.csv and results.json into a directory.",
      valueName: "directory"))
  var report: String?

  @OptionGroup
  var evidence: EvidenceOptions

  /// The options that write a file.
  var files: [(option: String, path: String?)] { output.files + evidence.files }

  /// The options that write into a directory.
  var directories: [(option: String, path: String?)] { [("--report", report)] }

  /// Makes the directory, so that a run does not end without a place for its report.
  func prepare() throws {
    if let report { try OutputFile.makeDirectory(report) }
  }

  /// Writes and prints results.
  ///
  /// - Parameters:
  ///   - heading: A text to stand above the table.
  ///   - source: Makes lanes again, for the evidence.
  /// - Returns: Says where the page lies, as the last note of the run.
  func write(
    _ results: AuditResults, heading: String = "", lanes source: @escaping EvidenceMaker.LaneSource
  ) throws -> () -> Void {
    if let json = output.json { try OutputFile.write(ResultsJSON.encode(results), to: json) }
    try evidence.write(of: results, quietly: output.quiet, lanes: source)
    let page = try report.map {
      try ReportDirectory.write(ReportSources(results, name: "results.json"), to: $0)
    }
    if !output.quiet { try Console.print(heading + TextReport.render(results)) }
    let isQuiet = output.quiet
    return { if let page, !isQuiet { Console.note("report: \(page)") } }
  }
}
