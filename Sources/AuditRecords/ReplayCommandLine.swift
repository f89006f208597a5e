import AuditedOperations
import Basics
import FloatFormats

/// Commands that show a finding again.
public enum ReplayCommandLine {
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
    var line = ["softmax-audit", "audit"] + words + ["--format", row.inputFormat.rawValue]
    if row.outputFormat != row.inputFormat {
      line += ["--output-format", row.outputFormat.rawValue]
    }
    line += ["--family", row.family, "--length", "\(row.length)"]
    line += ["--samples", "\(max(samples, 1))"]
    if seed != RunSeed.standard { line += ["--seed", "\(seed)"] }
    return text(line + judging)
  }

  /// Words of a command as one line that a shell takes apart again.
  package static func text(_ words: [String]) -> String {
    words.map(\.quotedForShell).joined(separator: " ")
  }
}
