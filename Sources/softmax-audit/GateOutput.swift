import ArgumentParser
import AuditRecords
import AuditReports
import Basics
import Foundation
import Policies
import PolicyFiles

/// The files that a gate writes, and what a server that builds and tests gets besides.
struct GateOutput: ParsableArguments {
  @OptionGroup
  var output: OutputOptions

  @Option(name: .long, help: ArgumentHelp("Write the verdict as JUnit XML.", valueName: "file"))
  var junit: String?

  @Option(name: .long, help: ArgumentHelp("Write violations as SARIF 2.1.0.", valueName: "file"))
  var sarif: String?

  @Option(name: .long, help: ArgumentHelp("Write the verdict as Markdown.", valueName: "file"))
  var markdown: String?

  @OptionGroup
  var evidence: EvidenceOptions

  /// The options that write a file.
  var files: [(option: String, path: String?)] {
    output.files + evidence.files + [
      ("--junit", junit), ("--sarif", sarif), ("--markdown", markdown),
    ]
  }

  /// Writes the files, all or none.
  ///
  /// - Parameter policy: The path of the policy.
  func write(_ results: AuditResults, _ gate: GateResult, policy: String) throws {
    var files: [(path: String, data: Data)] = []
    if let json = output.json { files.append((json, try ResultsJSON.encode(results))) }
    if let junit { files.append((junit, Data(JUnitReport.render(gate).utf8))) }
    if let sarif {
      files.append(
        (sarif, try SARIFReport.encode(results, gate, policyPath: RepositoryPath.of(policy))))
    }
    if let markdown { files.append((markdown, Data(GateMarkdownReport.render(gate).utf8))) }
    try OutputFile.write(files)
    try evidence.write(of: results, quietly: output.quiet)
  }

  /// Whether an error is what a gate has to say of its policy and of what was to be measured.
  static func isVerdict(_ error: any Error) -> Bool {
    switch error {
    case is PolicyMistakes: true
    case let error as UserError: [.malformedInput, .notMeasured].contains(error.kind)
    case let mistakes as Mistakes:
      mistakes.errors.allSatisfy { [.malformedInput, .notMeasured].contains($0.kind) }
    default: false
    }
  }

  /// The verdict that such an error amounts to.
  static func verdict(for error: any Error, policy: String) -> GateResult {
    var places: [PolicyMistake] = []
    var reasons: [String] = []
    switch error {
    case let mistakes as PolicyMistakes: places = mistakes.mistakes
    case let error as UserError: reasons = [error.message]
    case let mistakes as Mistakes:
      places = mistakes.lists.compactMap { $0 as? PolicyMistakes }.flatMap(\.mistakes)
      reasons = mistakes.errors.map(\.message)
    default: break
    }
    return GateResult(policy: PolicyFile.name(of: policy), mistakes: places, notMeasured: reasons)
  }

  /// On GitHub, annotations go to standard output, and the summary to the end of the file that is
  /// named for it.
  ///
  /// - Parameter policy: The path of the policy.
  func tellServer(_ gate: GateResult, policy: String) throws {
    let environment = ProcessInfo.processInfo.environment
    if environment["GITHUB_ACTIONS"] == "true" {
      try Console.print(
        GitHubAnnotations.render(gate, policyPath: RepositoryPath.of(policy)))
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
