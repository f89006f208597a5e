import ArgumentParser
import AuditRecords
import AuditReports
import Basics
import Foundation

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Turns results into a report.",
    usage: "softmax-audit report <results> ... [<options>]",
    discussion: """
      Reads JSON files that other commands wrote. Several files make one report that shows them \
      side by side: libraries, versions, machines; a file of check and the file of audit of the same \
      kernels stand together. The exit status is that of the verdict that the report shows, as it \
      was of the runs: 1 where something failed, 2 where something was not measured.

      Examples:
        softmax-audit report results.json
        softmax-audit report results.json --as html --output report.html
        softmax-audit report before.json after.json --report comparison
        softmax-audit report results.json --evidence evidence.json
      """)

  /// The forms a report can take.
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case text
    case markdown
    case html
    case csv
    case lawsCSV = "laws-csv"
  }

  @Argument(help: ArgumentHelp("The results.", valueName: "results"))
  var results: [String]

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "text (default), markdown, html, csv (a line for each cell) or laws-csv.", valueName: "form"))
  var form: Form?

  @Option(
    name: .long,
    help: ArgumentHelp("The file to write (default: standard output).", valueName: "file"))
  var output: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write all forms, with figures and the results, into a directory.", valueName: "directory"))
  var report: String?

  @OptionGroup
  var evidence: EvidenceOptions

  func validate() throws {
    guard evidence.evidence == nil || results.count == 1 else {
      throw ValidationError("--evidence is of one file of results; name one")
    }
    guard report == nil || (form == nil && output == nil) else {
      throw ValidationError("--report writes all forms; leave --as and --output out")
    }
  }

  func run() throws {
    // A page is made again beside the results that lie with it, which stay as they are.
    try OutputPlaces(
      files: [("--output", output)] + evidence.files, directories: [("--report", report)],
      inputs: results
    ).check()
    if let certificates = try certificates() { return try show(certificates) }
    let sources = try ReportSources(
      zip(results, names).map { path, name in
        .init(name: name, results: try ResultsFile.read(path))
      })
    try evidence.write(of: sources.sources[0].results, quietly: false)
    if let report {
      Console.note("report: \(try ReportDirectory.write(sources, to: report))")
      return try RunOutcome(of: sources).leave(quietly: false)
    }
    let text =
      switch form ?? .text {
      case .text: TextReport.render(sources)
      case .markdown: MarkdownReport.render(sources)
      case .html: try HTMLReport.render(sources)
      case .csv: CSVReport.render(sources)
      case .lawsCSV: CSVReport.renderLaws(sources)
      }
    if form == .csv, sources.sources.contains(where: { !$0.results.properties.isEmpty }) {
      Console.note("note: the laws have columns of their own: --as laws-csv")
    }
    if let output {
      try OutputFile.write(Data(text.utf8), to: output)
    } else {
      try Console.print(text)
    }
    try RunOutcome(of: sources).leave(quietly: false)
  }

  /// The names of the files in the report: their last components, in a directory different from
  /// each other and from what else is written there.
  private var names: [String] {
    guard report == nil || results.count > 1 else { return ["results.json"] }
    let names = results.map { URL(fileURLWithPath: $0).lastPathComponent }
    guard report != nil else { return names }
    return names.enumerated().map { "results-\($0 + 1)-\($1)" }
  }
}
