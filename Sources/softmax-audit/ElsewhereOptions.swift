import ArgumentParser
import AuditRecords
import AuditedOperations
import Basics
import FloatFormats

/// The options that ask which tolerances would have accepted the outputs.
struct ElsewhereOptions: ParsableArguments {
  @Flag(
    name: .long,
    help: "Also say which tolerances in use elsewhere would have accepted the outputs: slower.")
  var elsewhere = false

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "With --elsewhere: also a tolerance of your own, |y - p| <= atol + rtol p (default: 0).",
      valueName: "r"))
  var rtol: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("The absolute part of it (default: 0).", valueName: "a"))
  var atol: Double?

  /// Whether none was given.
  var isEmpty: Bool { !elsewhere && rtol == nil && atol == nil }

  /// The options that were given, as they stand on a command line.
  var words: [String] {
    [("--elsewhere", elsewhere), ("--rtol", rtol != nil), ("--atol", atol != nil)]
      .filter(\.1).map(\.0)
  }

  /// The tolerance of the user's own; nil where there is none.
  ///
  /// - Throws: ``UserError`` of kind `usage`.
  func own() throws(UserError) -> OwnTolerance? {
    guard rtol != nil || atol != nil else { return nil }
    guard elsewhere else {
      throw UserError(.usage, "--rtol and --atol belong to --elsewhere; add it, or leave them out")
    }
    for (name, value) in [("--rtol", rtol), ("--atol", atol)] {
      if let value, !(value >= 0 && value.isFinite) {
        throw UserError(.usage, "\(name) \(value): use a finite number that is not negative")
      }
    }
    return OwnTolerance(relative: rtol ?? 0, absolute: atol ?? 0)
  }

  /// Says in which of the formats measured no softmax can keep the tolerance of the user's own.
  func sayWhatCannotPass(_ rows: [AccuracyRow], quietly isQuiet: Bool) throws {
    guard !isQuiet, let own = try own() else { return }
    for format in rows.filter({ $0.operation == .softmax && $0.parameters == nil })
      .map(\.outputFormat).uniqued()
    {
      if let sentence = own.impossibility(in: format) { Console.note("note: \(sentence)") }
    }
  }
}
