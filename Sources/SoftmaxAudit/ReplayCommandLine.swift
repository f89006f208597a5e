import FloatFormats
import SoftmaxOracle
import SoftmaxVariants

/// Commands that show a finding again.
public enum ReplayCommandLine {
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

  /// The measurement of a cell on its first lanes.
  ///
  /// Nil where the lanes came from a file.
  ///
  /// - Parameters:
  ///   - samples: How many lanes of the family, at least one.
  ///   - judging: The options that say how errors are judged.
  ///   - words: The options that select the implementation.
  public static func audit(
    _ row: AccuracyRow, samples: Int, judging: [String], seed: UInt64, words: [String]
  ) -> String? {
    guard !row.family.hasPrefix("file:") else { return nil }
    var line = ["softmax-audit", "audit"] + words + ["--format", row.inputFormat]
    if row.outputFormat != row.inputFormat { line += ["--output-format", row.outputFormat] }
    line += ["--family", row.family, "--length", "\(row.length)"]
    line += ["--samples", "\(max(samples, 1))"]
    if seed != AuditPlan.defaultSeed { line += ["--seed", "\(seed)"] }
    return text(line + judging)
  }

  private static func special(_ settings: PolicySettings) -> [String] {
    settings.specialLanes.map { ["--special-lanes", $0.description] } ?? []
  }

  private static func text(_ words: [String]) -> String {
    words.map(\.quotedForShell).joined(separator: " ")
  }
}
