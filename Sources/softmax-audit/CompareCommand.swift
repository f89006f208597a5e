import ArgumentParser
import AuditReports
import Basics
import Foundation

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Says what got worse between two results, beyond what sampling explains.",
    usage: "softmax-audit compare <before> <after> [<options>]",
    discussion: """
      Reads two JSON files that audit, check or verify wrote. Cells measured on the same lanes \
      (same seed, same cells) are compared figure by figure: maxima, mismatches and counts of \
      outputs not correctly rounded are facts, and any difference is real. With more or fewer \
      samples a difference counts where the additional lanes cannot explain it. With another seed \
      and as many lanes, it counts where chance explains it less often than once in 1000 \
      comparisons; with another seed and number, only failures do. A law that began to fail counts \
      always: its counterexample is a proof. Means and percentiles are told and decide nothing; \
      times are not compared.

      Exit status: 1 where something got worse, 2 where something is not measured any more, else 0.

      Examples:
        softmax-audit compare before.json after.json
        softmax-audit compare main.json branch.json --markdown comment.md
      """)

  /// The forms a comparison can take.
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case text, markdown, json
  }

  @Argument(help: ArgumentHelp("The earlier results.", valueName: "before"))
  var before: String

  @Argument(help: ArgumentHelp("The later results.", valueName: "after"))
  var after: String

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "What to print: text (default), markdown or json.", valueName: "form"))
  var form: Form?

  @Option(
    name: .long,
    help: ArgumentHelp("Write Markdown, fit for a pull-request comment.", valueName: "file"))
  var markdown: String?

  @Option(name: .long, help: ArgumentHelp("Write the changes as JSON.", valueName: "file"))
  var json: String?

  @Flag(name: .long, help: "Print nothing; only files and the exit status.")
  var quiet = false

  func validate() throws {
    guard !quiet || form == nil else {
      throw ValidationError("--quiet prints nothing; leave --as out")
    }
  }

  func run() throws {
    try OutputPlaces(
      files: [("--markdown", markdown), ("--json", json)], inputs: [before, after]
    ).check()
    let comparison = ResultsComparison(
      before: .init(name: name(before), results: try ResultsFile.read(before)),
      after: .init(name: name(after), results: try ResultsFile.read(after)))
    let document = try ComparisonJSON.encode(comparison)
    let page = ComparisonMarkdown.render(comparison)
    var files: [(path: String, data: Data)] = []
    if let markdown { files.append((markdown, Data(page.utf8))) }
    if let json { files.append((json, document)) }
    try OutputFile.write(files)
    if !quiet {
      switch form ?? .text {
      case .text: try Console.print(ComparisonText.render(comparison))
      case .markdown: try Console.print(page)
      case .json: try Console.print(String(decoding: document, as: UTF8.self))
      }
    }
    try RunOutcome(of: comparison).leave(quietly: quiet)
  }

  /// The name of a file: its last component, or the path where both have the same.
  private func name(_ path: String) -> String {
    let last = { URL(fileURLWithPath: $0).lastPathComponent }
    return last(before) == last(after) ? path : last(path)
  }
}
