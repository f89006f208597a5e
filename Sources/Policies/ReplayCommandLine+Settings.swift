import AuditRecords
import AuditedOperations
import FloatFormats
import Laws
import Oracle
import SoftmaxVariants

extension ReplayCommandLine {
  /// The check of one law, under the settings of the policy.
  static func check(
    _ subject: Subject, _ law: Law, _ settings: PolicySettings, words: [String]
  ) -> String {
    var line = ["softmax-audit", "check"] + words + ["--format", subject.input.rawValue]
    if subject.output != subject.input { line += ["--output-format", subject.output.rawValue] }
    line += ["--law", law.name]
    if let declare = settings.declare { line += ["--declare", declare.name] }
    if let underflow = settings.underflow { line += ["--underflow", underflow.rawValue] }
    if let largest = settings.largestLogit { line += ["--largest-logit", "\(largest)"] }
    return text(line + special(settings))
  }

  /// The measurement of a cell, up to the lane that has the figure where one lane has it.
  ///
  /// Nil where the lanes came from a file.
  static func audit(
    _ row: AccuracyRow, samples: Int, settings: PolicySettings, seed: UInt64, limit: Double?,
    words: [String]
  ) -> String? {
    var judging: [String] = []
    if let declare = settings.declare { judging += ["--declare", declare.name] }
    if let underflow = settings.underflow { judging += ["--underflow", underflow.rawValue] }
    judging += special(settings)
    if let largest = settings.largestLogit { judging += ["--largest-logit", "\(largest)"] }
    if let limit { judging += ["--max-ulp", "\(limit)"] }
    return audit(row, samples: samples, judging: judging, seed: seed, words: words)
  }

  private static func special(_ settings: PolicySettings) -> [String] {
    settings.specialLanes.map { ["--special-lanes", $0.description] } ?? []
  }
}
