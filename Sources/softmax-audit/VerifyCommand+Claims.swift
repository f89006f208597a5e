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
      ("--logits", logits != nil), ("--probabilities", probabilities != nil),
      ("--axis", axis != nil), ("--inputs", inputs != nil), ("--outputs", outputs != nil),
      ("--format", format != nil), ("--computed-in", computedIn != nil),
      ("--shape", rawFile.shape != nil), ("--dtype", rawFile.dtype != nil), ("--name", name != nil),
      ("--threads", threads != nil),
      ("--declare", judging.declare != nil), ("--underflow", judging.underflow != nil),
      ("--special-lanes", special.specialLanes != nil), ("--oracle", oracle != .filtered),
      ("--judge", measuring.judge != .tolerance), ("--max-ulp", measuring.maxUlp != nil),
      ("--elsewhere, --rtol and --atol", !judgedElsewhere.isEmpty),
    ]
    for option in others where option.isGiven {
      mistakes.add(.usage, "\(option.name) does not belong to --claims; leave it out")
    }
    try OutputPlaces(
      files: [("--json", json)], directories: [("--report", report)], inputs: [path]
    ).check(&mistakes)
    let claims = try mistakes.collect { try ClaimsFile.read(path) }
    try mistakes.throwIfAny()

    let oracle = SoftmaxOracle()
    let judged = try (claims ?? []).map { try $0.judged(oracle: oracle) }
    let document = ClaimsFile.Document(
      tool: .init(name: "softmax-audit", version: toolVersion), command: CommandText.own,
      claims: judged)
    if let json { try OutputFile.write(document.encoded(), to: json) }
    if let report {
      try OutputFile.makeDirectory(report)
      try OutputFile.write([
        (report + "/claims.json", document.encoded()),
        (report + "/report.md", Data(ClaimsReport.markdown(judged).utf8)),
      ])
    }
    if !quiet { try Console.print(ClaimsReport.text(judged)) }
    guard judged.allSatisfy(\.verdict.isSound) else { throw ExitCode(Exit.failed) }
  }
}
