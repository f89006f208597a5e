import ArgumentParser
import AuditReports
import Foundation
import SoftmaxAudit

struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Puts the shards of a run together.",
    usage: "softmax-audit merge <results> ... [<options>]",
    discussion: """
      Reads the JSON files that 'softmax-audit audit' or 'check' wrote with --shard 1/n to n/n, \
      and writes what the command without --shard would have written; only times differ. The \
      exit status is that of the command on the whole.

      Exit status 65: the files are not shards of one run. 2: shards are missing.

      Example:
        softmax-audit audit --shard 1/2 --json one.json    # on one machine
        softmax-audit audit --shard 2/2 --json two.json    # on another
        softmax-audit merge one.json two.json --json all.json
      """)

  @Argument(help: ArgumentHelp("The results of all shards, in any order.", valueName: "results"))
  var results: [String]

  @Option(
    name: .long, parsing: .unconditional,
    help: "Fail where an error in the normal range exceeds this many ULP.")
  var maxUlp: Double?

  @Option(name: .long, help: ArgumentHelp("Write the results as JSON.", valueName: "file"))
  var json: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write report.html, report.md with figures, rows.csv and results.json into a directory.",
      valueName: "directory"))
  var report: String?

  @Flag(name: .long, help: "No notes and no table; only files and the exit status.")
  var quiet = false

  func run() throws {
    var mistakes = Mistakes()
    if let maxUlp, !(maxUlp >= 0) {
      mistakes.add(.usage, "--max-ulp \(maxUlp): use a number that is not negative")
    }
    if let json { _ = try mistakes.collect { try OutputFile.checkWritable(json) } }
    if let report { _ = try mistakes.collect { try OutputFile.checkDirectory(report) } }
    let merged = try mistakes.collect {
      try ShardMerge.merged(
        try results.map { .init(name: $0, results: try ResultsFile.read($0)) },
        command: { CommandText.text($0) })
    }
    try mistakes.throwIfAny()
    guard let merged else { throw InternalError("no results and nobody complained") }
    if let json { try OutputFile.write(ResultsJSON.encode(merged), to: json) }
    if let report {
      try OutputFile.makeDirectory(report)
      let page = try ReportDirectory.write(ReportSources(merged, name: "results.json"), to: report)
      if !quiet { Console.note("report: \(page)") }
    }
    if !quiet { try Console.print(TextReport.render(merged)) }
    try AuditOutcome(of: merged.accuracy, maxUlp: maxUlp, notMeasured: []).leave(quietly: quiet)
    try CheckOutcome(of: merged.properties, notMeasured: []).leave(quietly: quiet)
  }
}
