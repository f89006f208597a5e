import ArgumentParser
import FloatFormats
import SoftmaxAudit
import SoftmaxOracle

struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference",
    abstract: "Prints exact softmax values of given logits.",
    discussion: """
      Logits are decimal or hexadecimal numbers, or -inf. A number that the format of the logits does not hold is \
      rounded to it, and a note says so. With --format, the correctly rounded values are printed as well.

      Examples:
        softmax-audit reference 1 2 3 --digits 50
        softmax-audit reference 0 -1000 --format float32
        softmax-audit reference 0x1.8p+3 -2 --operation log-softmax
      """)

  @Option(name: .long, help: "How many significant decimal digits to print, all of them correct.")
  var digits = 30

  @Option(
    name: .long,
    help: "The format of logits and correctly rounded values (default: float64 logits, no rounding).")
  var format: FloatFormat?

  @Option(name: .long, help: "The format of the rounded values, where it is not that of the logits.")
  var outputFormat: FloatFormat?

  @Option(name: .long, help: "softmax, log-softmax or logsumexp.")
  var operation: SoftmaxOperation = .softmax

  // Negative numbers look like options; whatever no option claims is a logit.
  @Argument(parsing: .allUnrecognized, help: "The logits of one lane.")
  var logits: [String] = []

  mutating func run() throws {
    logits.removeAll { $0 == "--" }
    guard digits >= 1, digits <= 100_000 else {
      throw UserError(.usage, "--digits \(digits): use a number from 1 to 100000")
    }
    guard !logits.isEmpty else {
      throw UserError(.usage, "reference needs at least one logit, for example: softmax-audit reference 1 2 3")
    }
    try (format ?? .float64).open(Lane(command: self))
  }

  /// Prints the values for a known format of the logits.
  private struct Lane: FormatGenericWork {
    let command: ReferenceCommand

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      let lane = try command.logits.map { text -> F in
        guard let value = F(text: text) else {
          throw UserError(.usage, "\"\(text)\" is not a number; logits look like 1.5, -3e2, 0x1.8p-4 or -inf")
        }
        guard !value.isNaN, value < F.infinity else {
          throw UserError(
            .usage, "\"\(text)\" is not a finite \(F.format.rawValue) number; a lane with NaN or +inf has no softmax")
        }
        if let exact = Double(text), exact != value.exactDouble {
          Console.note("note: \(text) is rounded to \(F.format.rawValue): \(value.hexText)")
        }
        return value
      }
      let distinct = DistinctLogits(of: lane)
      guard distinct.finiteCount > 0 else {
        throw UserError(.usage, "every logit is -inf; such a lane has no softmax")
      }
      let rounding = command.outputFormat ?? command.format
      if command.operation == .logSumExp {
        try command.printValue(label: "", slot: 0, logits: distinct, rounding: rounding)
        return
      }
      let width = command.logits.map(\.count).max() ?? 0
      for (index, text) in command.logits.enumerated() {
        let slot = distinct.slots[index]
        let label = text.padded(to: width) + "  "
        if slot == DistinctLogits.masked {
          Console.print(label + (command.operation == .softmax ? "0" : "-inf") + "\n")
        } else {
          try command.printValue(
            label: label, slot: Int(slot), logits: distinct, rounding: rounding)
        }
      }
    }
  }

  private func printValue(
    label: String, slot: Int, logits: DistinctLogits, rounding: FloatFormat?
  ) throws {
    let oracle = SoftmaxOracle(precisionCap: max(1 << 16, 8 * digits))
    guard let text = oracle.decimalText(operation, slot: slot, logits: logits, digits: digits) else {
      throw UserError(
        .notMeasured,
        "the digits of the value for slot \(slot) are not decided within \(oracle.precisionCap) bits; it is too close to a simple number")
    }
    var line = label + text
    if let rounding {
      line += "  " + (try rounding.open(
        Rounding(oracle: oracle, operation: operation, slot: slot, logits: logits)))
    }
    Console.print(line + "\n")
  }

  /// The correctly rounded value in a known format, as decimal and hexadecimal text.
  private struct Rounding: FormatGenericWork {
    let oracle: SoftmaxOracle
    let operation: SoftmaxOperation
    let slot: Int
    let logits: DistinctLogits

    func run<F: BinaryFloat>(_ type: F.Type) throws -> String {
      guard let value = oracle.rounded(operation, slot: slot, logits: logits, as: type) else {
        throw UserError(.notMeasured, "the rounding is not decided within \(oracle.precisionCap) bits")
      }
      return "\(value.decimalText)  \(value.hexText)"
    }
  }
}
