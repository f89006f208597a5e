import SoftmaxAudit

/// Commands that show a figure of a report again.
enum ReplayCommand {
  /// The exact values of a lane that the results hold whole; nil where they do not.
  static func reference(_ row: AccuracyRow) -> String? {
    guard let worst = row.worst, worst.elided == 0 else { return nil }
    var words = ["softmax-audit", "reference", "--format", row.inputFormat]
    if row.outputFormat != row.inputFormat { words += ["--output-format", row.outputFormat] }
    return line(words + ["--digits", "40"] + worst.logits)
  }

  /// The measurement of the cell up to the lane of the witness.
  ///
  /// Nil where the lanes came from a file, or the implementation from outside: only the command of the run knows where
  /// those are.
  static func audit(_ row: AccuracyRow, seed: UInt64) -> String? {
    guard let worst = row.worst, !row.family.hasPrefix("file:"),
      builtIn.contains(row.implementation)
    else { return nil }
    var words = [
      "softmax-audit", "audit", "--implementation", row.implementation, "--format", row.inputFormat,
    ]
    if row.outputFormat != row.inputFormat { words += ["--output-format", row.outputFormat] }
    words += ["--family", row.family, "--length", "\(row.length)"]
    words += ["--samples", "\(worst.sample < Int.max ? worst.sample + 1 : worst.sample)"]
    if seed != AuditPlan.defaultSeed { words += ["--seed", "\(seed)"] }
    return line(words)
  }

  private static let builtIn = Set(BuiltInImplementation.all.map(\.name))

  private static func line(_ words: [String]) -> String {
    words.map(\.onOneLine.quotedForShell).joined(separator: " ")
  }
}
