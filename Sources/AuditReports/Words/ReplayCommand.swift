import AuditRecords
import AuditedOperations
import Basics
import FloatFormats
import SoftmaxVariants

/// Commands that show a figure of a report again.
enum ReplayCommand {
  /// The exact values of a lane that the results hold whole; nil where they do not.
  static func reference(_ row: AccuracyRow, _ witness: AccuracyRow.Witness) -> String? {
    ReplayCommandLine.reference(row, witness)?.words.map(\.onOneLine.quotedForShell)
      .joined(separator: " ")
  }

  /// The measurement of the lane of a witness, which writes no files.
  ///
  /// Where the lanes came from a file it is the command of the run; nil where that cannot be read.
  static func audit(
    _ row: AccuracyRow, _ witness: AccuracyRow.Witness, of results: AuditResults
  ) -> String? {
    let run = RunCommand(results.command)
    guard !row.family.hasPrefix("file:") else { return run?.withoutFiles }
    let words: [String]
    let samples: UInt64
    if isBuiltIn(row) {
      words = ["--implementation", row.implementation]
      samples = UInt64(clamping: witness.sample).addingCapped(1)
    } else {
      guard let outsiders = run?.outsiders, !outsiders.isEmpty else { return run?.withoutFiles }
      words = outsiders
      // What comes from outside may depend on how many lanes a call holds.
      samples = max(row.lanes, UInt64(clamping: witness.sample).addingCapped(1))
    }
    return ReplayCommandLine.audit(
      row, samples: Int(clamping: samples), judging: results.judging?.words ?? [],
      seed: results.seed, selection: words
    )?.text.onOneLine
  }

  /// Whether a row is about a built-in implementation of its operation.
  private static func isBuiltIn(_ row: AccuracyRow) -> Bool {
    BuiltInImplementation.named(row.implementation, of: row.operation) != nil
  }
}
