import AuditedOperations
import Basics
import FloatFormats

/// A command that shows a finding again, as a shell takes it.
///
/// It is the one place that knows how findings are asked for on the command line.
package struct ReplayCommandLine: Sendable, Equatable {
  package private(set) var words: [String]

  /// A command on one implementation, or on none, in a pair of formats.
  ///
  /// - Parameters:
  ///   - selection: The options that select the implementation.
  ///   - operation: The operation that it computes.
  private init(
    _ command: String, _ selection: [String] = [],
    of operation: AuditedOperation = .softmax, input: FloatFormat, output: FloatFormat
  ) {
    words = [ProgramIdentity.name, command]
    if operation != .softmax { words += ["--operation", operation.name] }
    words += selection + ["--format", input.rawValue]
    if output != input { words += ["--output-format", output.rawValue] }
  }

  private mutating func add(_ option: String, _ value: Any) { words += [option, "\(value)"] }

  /// The command with an option behind it.
  package func adding(_ option: String, _ value: Any?) -> ReplayCommandLine {
    var line = self
    if let value { line.add(option, value) }
    return line
  }

  /// The command as one line.
  package var text: String { words.map(\.quotedForShell).joined(separator: " ") }

  // MARK: Findings

  /// The measurement of a cell on its first lanes; `nil` where the lanes came from a file.
  ///
  /// - Parameters:
  ///   - samples: The number of lanes of the family, at least one.
  ///   - judging: The options that say how errors are judged.
  ///   - selection: The options that select the implementation.
  package static func audit(
    _ row: AccuracyRow, samples: Int, judging: [String], seed: UInt64, selection: [String]
  ) -> ReplayCommandLine? {
    guard !row.family.hasPrefix("file:") else { return nil }
    if row.parameters?.quantised != nil {
      return quantised(row.operation, judging, seed: seed, selection)
    }
    var line = Self(
      "audit", selection, of: row.operation, input: row.inputFormat, output: row.outputFormat)
    line.add("--family", row.family)
    line.add("--length", row.length)
    line.add("--samples", max(samples, 1))
    if seed != RunSeed.standard { line.add("--seed", seed) }
    line.words += (row.parameters?.words ?? []) + judging
    return line
  }

  /// The measurement of an implementation of integers on all its lanes, which are one run.
  private static func quantised(
    _ operation: AuditedOperation, _ judging: [String], seed: UInt64, _ selection: [String]
  ) -> ReplayCommandLine {
    var line = Self("audit", selection, of: operation, input: .float32, output: .float32)
    // The format that integers are carried in is nobody's to choose.
    line.words.removeLast(2)
    if seed != RunSeed.standard { line.add("--seed", seed) }
    line.words += judging
    return line
  }

  /// The check of one law.
  package static func check(
    _ law: String, of operation: AuditedOperation, input: FloatFormat, output: FloatFormat,
    judging: [String] = [], selection: [String]
  ) -> ReplayCommandLine {
    var line = Self("check", selection, of: operation, input: input, output: output)
    line.add("--law", law)
    line.words += judging
    return line
  }

  /// The search for the worst lane of a length.
  package static func search(
    of operation: AuditedOperation, length: Int, _ objective: SearchObjective,
    input: FloatFormat, output: FloatFormat, judging: [String], selection: [String]
  ) -> ReplayCommandLine {
    var line = Self("search", selection, of: operation, input: input, output: output)
    line.add("--length", length)
    if objective != .usual(for: operation) { line.add("--objective", objective.rawValue) }
    line.words += judging
    return line
  }

  /// A lane of an exhausted domain.
  package static func exhaust(
    _ domain: ExhaustiveDomain, of operation: AuditedOperation = .softmax, lane: UInt64,
    input: FloatFormat, output: FloatFormat, judging: [String] = [], selection: [String]
  ) -> ReplayCommandLine {
    var line = Self("exhaust", selection, of: operation, input: input, output: output)
    line.add("--domain", domain.kind.rawValue)
    if domain.kind == .tuples { line.add("--length", domain.length) }
    if let step = domain.step { line.add("--step", step.value) }
    if let limit = domain.limit { line.add("--limit", limit.value) }
    line.add("--lane", lane)
    line.words += judging
    return line
  }

  /// The exact values of a lane that results hold whole; `nil` where they do not.
  package static func reference(
    _ row: AccuracyRow, _ witness: AccuracyRow.Witness
  ) -> ReplayCommandLine? {
    // The command line takes logits; an operation of more inputs is asked for with files, and so is
    // a mask.
    let modifiers = witness.accompanying
    guard witness.elided == 0, !witness.logits.isEmpty,
      modifiers.map({ $0.upstream == nil && $0.targets == nil && $0.mask == nil }) ?? true
    else { return nil }
    var line = Self(
      "reference", of: row.operation, input: row.inputFormat, output: row.outputFormat)
    line.add("--digits", 40)
    if let scale = modifiers?.scale { line.add("--scale", scale) }
    if let softcap = modifiers?.softcap { line.add("--softcap", softcap) }
    if let sink = modifiers?.sink?.first { line.add("--sink", sink) }
    line.words += witness.logits
    return line
  }
}
