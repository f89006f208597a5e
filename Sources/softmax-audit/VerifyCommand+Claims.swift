import ArgumentParser
import AuditRecords
import AuditReports
import Audits
import Basics
import Foundation
import Oracle

extension VerifyCommand {
  /// Judges the decimals in a file of claims.
  func verifyClaims(_ path: String) throws {
    var mistakes = Mistakes()
    let others: [(name: String, isGiven: Bool)] = [
      ("--operation, its files and parameters", !operation.isEmpty),
      ("--axis", axis != nil), ("--inputs", inputs != nil), ("--outputs", outputs != nil),
      ("--format", format != nil), ("--computed-in", computedIn != nil),
      ("--shape", rawFile.shape != nil), ("--dtype", rawFile.dtype != nil), ("--name", name != nil),
      ("--threads", threads.threads != nil),
      ("--declare", judging.bound.declare != nil), ("--underflow", judging.bound.underflow != nil),
      ("--special-lanes", special.specialLanes != nil), ("--oracle", oracle.tier != .filtered),
      ("--judge", judging.judge != .tolerance), ("--max-ulp", judging.limit.maxUlp != nil),
      ("--elsewhere, --rtol and --atol", !judgedElsewhere.isEmpty),
      ("--consequences", cost.consequences),
      ("--quantised and --max-steps", !quantized.isEmpty),
    ]
    for option in others where option.isGiven {
      mistakes.add(.usage, "\(option.name) does not belong to --claims; leave it out")
    }
    try OutputPlaces(
      files: results.files, directories: results.directories, inputs: [path]
    ).check(&mistakes)
    let published = try mistakes.collect { try ClaimsFile.read(path) }
    let claims = try mistakes.require(published)

    let oracle = SoftmaxOracle()
    let judged = try claims.map { try $0.judged(oracle: oracle) }
    let document = try ClaimsJSON.encode(
      judged, tool: .ofThisRun, command: ProgramArguments.commandLine)
    if let json = results.output.json { try OutputFile.write(document, to: json) }
    try results.prepare()
    if let report = results.report {
      try OutputFile.write([
        (report + "/claims.json", document),
        (report + "/report.md", Data(ClaimsReport.markdown(judged).utf8)),
      ])
    }
    if !quiet { try Console.print(ClaimsReport.text(judged)) }
    var outcome = RunOutcome()
    outcome.add(.failed, if: !judged.allSatisfy(\.verdict.isSound))
    try outcome.leave(quietly: quiet)
  }
}
