import ArgumentParser
import AuditReports
import Foundation
import SoftmaxAudit

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Turns results into a report.",
    discussion: """
      Reads a JSON file that another command wrote.

      Examples:
        softmax-audit report results.json
        softmax-audit report results.json --as markdown --output report.md
      """)

  /// The forms a report can take.
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case text
    case markdown
  }

  @Argument(help: ArgumentHelp("The results.", valueName: "results.json"))
  var results: String

  @Option(name: .customLong("as"), help: "text (default) or markdown.")
  var form: Form = .text

  @Option(name: .long, help: "The file to write (default: standard output).")
  var output: String?

  func run() throws {
    guard let data = FileManager.default.contents(atPath: results) else {
      throw UserError(
        .malformedInput,
        "cannot read \(results); name a file that softmax-audit wrote with --json")
    }
    let decoded = try ResultsJSON.decode(data, name: results)
    let text =
      switch form {
      case .text: TextReport.render(decoded)
      case .markdown: MarkdownReport.render(decoded)
      }
    if let output {
      try OutputFile.write(Data(text.utf8), to: output)
    } else {
      try Console.print(text)
    }
  }
}
