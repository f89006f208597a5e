import ArgumentParser
import AuditedOperations
import Basics

/// The tensors of files or of callables that are quantised, and the limit on their errors.
struct QuantizedOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "The integers q of a file, or of --python, mean scale (q - zero point): of logits, of "
        + "probabilities or log-probabilities; type int8, uint8 or int16. The scale is the binary64 number nearest "
        + "to the text, as 0.1 or 0x1p-8; outputs are judged in steps of it (repeatable).",
      valueName: "role=scale,zero,type"))
  var quantised: [String] = []

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Fail where an error of quantised outputs exceeds this many steps.", valueName: "steps"))
  var maxSteps: Double?

  /// Whether neither was given.
  var isEmpty: Bool { quantised.isEmpty && maxSteps == nil }

  /// The quantisations by roles.
  ///
  /// - Parameter mayBeSaid: Whether implementations may say themselves what their integers mean.
  /// - Throws: ``Mistakes`` of kind `usage`.
  func roles(
    of operation: AuditedOperation, mayBeSaid: Bool = false
  ) throws -> [String: Quantization] {
    var mistakes = Mistakes()
    let roles = try mistakes.collect {
      try QuantizedRoles.parse(quantised, option: "--quantised", of: operation)
    }
    if let maxSteps {
      if !(0..<Double.infinity).contains(maxSteps) {
        mistakes.add(
          .usage, "--max-steps \(maxSteps): use a finite number that is not negative")
      }
      if let roles, roles[operation.output.role] == nil, !mayBeSaid {
        mistakes.add(
          .usage,
          "--max-steps is about quantised outputs; say --quantised \(operation.output.role)=scale,zero,type, or leave it out"
        )
      }
    }
    return try mistakes.require(roles)
  }
}
