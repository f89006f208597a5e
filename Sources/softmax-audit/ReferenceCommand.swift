import ArgumentParser
import FloatFormats
import MultiPrecision
import SoftmaxAudit
import SoftmaxOracle

struct ReferenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference",
    abstract: "Prints exact softmax values of given logits.",
    usage: "softmax-audit reference [<options>] <logits> ...",
    discussion: """
      Logits are decimal or hexadecimal numbers, or -inf. A number that the format of the logits \
      does not hold is rounded to it, and a note says so. With --format, the correctly rounded \
      values are printed as well. Values too close to 0 for digits are printed as a bound: \
      < 2^-536870912.

      Examples:
        softmax-audit reference 1 2 3 --digits 50
        softmax-audit reference 0 -1000 --format float32
        softmax-audit reference 0x1.8p+3 -2 --operation log-softmax
      """)

  @Option(
    name: .long, parsing: .unconditional,
    help: "How many significant decimal digits to print, all of them correct.")
  var digits = 30

  @Option(
    name: .long,
    help:
      "The format of logits and correctly rounded values (default: float64 logits, no rounding).")
  var format: FloatFormat?

  @Option(
    name: .long, help: "The format of the rounded values, where it is not that of the logits.")
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
      throw UserError(
        .usage,
        "reference needs at least one logit, for example: softmax-audit reference 1 2 3")
    }
    try (format ?? .float64).open(Lane(command: self))
  }

  /// Prints the values for a known format of the logits.
  private struct Lane: FormatGenericWork {
    let command: ReferenceCommand

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      let lane = try command.logits.map { try command.logit($0) as F }
      let distinct = DistinctLogits(of: lane)
      guard distinct.finiteCount > 0 else {
        throw UserError(.usage, "every logit is -inf; such a lane has no softmax")
      }
      if command.operation == .logSumExp {
        try command.printValue(slot: 0, of: distinct, label: "", name: "logsumexp")
        return
      }
      let width = command.logits.map(\.count).max() ?? 0
      for (index, text) in command.logits.enumerated() {
        try command.printValue(
          slot: Int(distinct.slots[index]), of: distinct, label: text.padded(to: width) + "  ",
          name: text)
      }
    }
  }

  /// The logit that a text denotes, rounded to a format.
  private func logit<F: BinaryFloat>(_ text: String) throws -> F {
    guard let value = F(text: text) else {
      throw UserError(
        .usage, "\"\(text)\" is not a number; logits look like 1.5, -3e2, 0x1.8p-4 or -inf")
    }
    guard !value.isNaN, value < F.infinity else {
      throw UserError(
        .usage,
        "\"\(text)\" is not a finite \(F.format.rawValue) number; a lane with NaN or +inf has no softmax"
      )
    }
    var exact = BigFloat(precision: 2048)
    if value.isFinite, let ternary = exact.assign(parsing: text, .toNearestOrEven),
      ternary != 0 || exact.compare(value.exactDouble) != 0
    {
      Console.note("note: \(text) is rounded to \(F.format.rawValue): \(value.hexText)")
    }
    return value
  }

  private func printValue(
    slot: Int, of logits: DistinctLogits, label: String, name: String
  ) throws {
    let oracle = SoftmaxOracle(precisionCap: max(1 << 16, 8 * digits))
    let isMasked = slot == DistinctLogits.masked
    let text: String? =
      isMasked
      ? (operation == .softmax ? "0" : "-inf")
      : oracle.decimalText(operation, slot: slot, logits: logits, digits: digits)
        ?? bound(slot: slot, of: logits)
    guard let text else {
      throw UserError(
        .notMeasured,
        "the digits of the value for \(name) are not decided within \(oracle.precisionCap) bits; it is too close to a number with fewer digits"
      )
    }
    var line = label + text
    if let rounding = outputFormat ?? format {
      line +=
        "  "
        + (try rounding.open(
          Rounding(
            oracle: oracle, operation: operation, slot: isMasked ? nil : slot, logits: logits)))
    }
    try Console.print(line + "\n")
  }

  /// A bound for a value that is too small to have digits.
  ///
  /// With the nearest lower logit at a distance d >= 2^29 from the maximum, at most 2^32 terms e^-d < 2^-1.4d make up
  /// the rest of the sum, less than 2^-(2^29). So are a term itself, and log(1 + rest).
  private func bound(slot: Int, of logits: DistinctLogits) -> String? {
    let horizon = 0x1p29
    switch operation {
    case .softmax:
      return logits.distance(slot) >= horizon ? "< 2^-536870912" : nil
    case .logSoftmax, .logSumExp:
      let restIsTiny = logits.values.count > 1 && logits.distance(1) >= horizon
      guard slot == 0, logits.multiplicities[0] == 1, restIsTiny else { return nil }
      if operation == .logSoftmax { return "> -2^-536870912" }
      return logits.values[0] == 0 ? "< 2^-536870912" : nil
    }
  }

  /// The correctly rounded value in a known format, as decimal and hexadecimal text.
  private struct Rounding: FormatGenericWork {
    let oracle: SoftmaxOracle
    let operation: SoftmaxOperation
    /// Nil for a -inf logit.
    let slot: Int?
    let logits: DistinctLogits

    func run<F: BinaryFloat>(_ type: F.Type) throws -> String {
      let value =
        if let slot {
          oracle.rounded(operation, slot: slot, logits: logits, as: type)
        } else {
          operation == .softmax ? F.zero : -F.infinity
        }
      guard let value else {
        throw UserError(
          .notMeasured, "the rounding is not decided within \(oracle.precisionCap) bits")
      }
      return "\(value.decimalText)  \(value.hexText)"
    }
  }
}
