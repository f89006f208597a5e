import ArgumentParser
import AuditedOperations
import Basics
import FaultySoftmaxes
import FloatFormats
import Foundation
import MultiPrecision
import Oracle

struct ReferenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference",
    abstract: "Prints exact softmax values of given logits, or writes those of a tensor.",
    usage: "softmax-audit reference [<options>] <logits> ...",
    discussion: """
      Logits are decimal or hexadecimal numbers, or -inf. A number that the format of the logits \
      does not hold is rounded to it, and a note says so. With --format, the correctly rounded \
      values are printed as well. Values too close to 0 for digits are printed as a bound: \
      < 2^-536870912.

      With --logits or --input ROLE=FILE, the inputs are those of files, .npy, .npz or \
      .safetensors, and --output writes the correctly rounded outputs of the whole tensor as .npy: \
      a golden file, of which 'verify' finds every output correctly rounded. Operations of several \
      inputs take each by its role; targets are int32 or int64. Lanes are read and written one \
      after another. A lane with NaN or +inf, or of -inf alone, has no softmax: NaN is written for \
      it, or what --special-lanes says; the logsumexp of a lane with +inf is +inf. Without \
      --output, the values of up to 1000 outputs are printed.

      Examples:
        softmax-audit reference 1 2 3 --digits 50
        softmax-audit reference 0 -1000 --format float32
        softmax-audit reference 0x1.8p+3 -2 --operation log-softmax
        softmax-audit reference 1 2 3 --scale 0.125 --softcap 30 --sink 1.5
        softmax-audit reference --logits x.npy --axis 1 --output golden.npy
        softmax-audit reference --logits x.safetensors:scores --output -
        softmax-audit reference --operation softmax-vjp --input logits=x.npy --input \
      upstream=g.npy --output dx.npy
        softmax-audit reference --operation attention --input query=q.npy --input key=k.npy --input \
      value=v.npy --causal --output o.npy
      """)

  @Option(
    name: .long, parsing: .unconditional,
    help: "How many significant decimal digits to print, all of them correct.")
  var digits = Self.usualDigits
  static let usualDigits = 30

  @Option(
    name: .long,
    help:
      "The format of inputs and correctly rounded values (default: that of files, float64 logits and no rounding without)."
  )
  var format: FloatFormat?

  @Option(
    name: .long, help: "The format of the rounded values, where it is not that of the inputs.")
  var outputFormat: FloatFormat?

  @OptionGroup
  var inputs: SavedInputOptions

  @OptionGroup
  var parameters: LossParameterOptions

  @OptionGroup
  var modifiers: ModifierOptions

  @Option(
    name: .long, parsing: .unconditional,
    help: "The axis of the lanes in files, negative from the end (default: -1).")
  var axis: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Write the correctly rounded outputs for the files as .npy; - is standard output.",
      valueName: "file.npy"))
  var output: String?

  @Option(
    name: .customLong("logsumexp-output"),
    help: ArgumentHelp(
      "Of attention: write the correctly rounded logsumexps of its rows as .npy, too.",
      valueName: "file.npy"))
  var logSumExpOutput: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What is written for the softmax of lanes in files with NaN, +inf or only -inf: NaN wherever the policy "
        + "allows it (default), else masked-zero, masked-uniform, infinity-one-hot, or several with "
        + "commas.", valueName: "policy"))
  var specialLanes: String?

  @OptionGroup
  var threads: ThreadOptions

  // Negative numbers look like options; whatever no option claims is a logit.
  @Argument(
    parsing: .allUnrecognized, help: ArgumentHelp("The logits of one lane.", valueName: "logits"))
  var lane: [String] = []

  mutating func run() async throws {
    lane.removeAll { $0 == "--" }
    guard digits >= 1, digits <= 100_000 else {
      throw UserError(.usage, "--digits \(digits): use a number from 1 to 100000")
    }
    let operation = try inputs.knownOperation()
    if operation == .attention { return try await runOnAttention() }
    if logSumExpOutput != nil {
      throw UserError(.usage, "\(operation) has no --logsumexp-output; leave it out")
    }
    if !inputs.isEmpty { return try await runOnFiles() }
    guard operation.inputs == [.logits] else {
      throw UserError(
        .usage,
        "\(operation) takes \(operation.inputs.map(\.rawValue).joined(separator: " and ")); name files with --input role=file"
      )
    }
    for (option, isGiven) in [
      ("--axis", axis != nil), ("--output", output != nil),
      ("--special-lanes", specialLanes != nil), ("--threads", threads.threads != nil),
    ] where isGiven {
      throw UserError(.usage, "\(option) belongs to --logits; there is none")
    }
    var mistakes = Mistakes()
    parameters.check(for: operation, &mistakes)
    modifiers.check(for: operation, &mistakes)
    try mistakes.throwIfAny()
    guard !lane.isEmpty else {
      throw UserError(
        .usage,
        "reference needs at least one logit, for example: softmax-audit reference 1 2 3")
    }
    try (format ?? .float64).open(Lane(command: self, operation: operation, words: lane))
  }

  /// Prints the values for a known format of the logits.
  private struct Lane: FormatGenericWork {
    let command: ReferenceCommand
    let operation: AuditedOperation
    /// The logits as they were written.
    let words: [String]

    func run<F: BinaryFloat>(_ type: F.Type) throws {
      var notes = RoundingNotes(format: F.format)
      let logits = try words.map { try logit($0, &notes) as F }
      notes.tell()
      let geometry = try LaneGeometry(shape: [logits.count], axis: 0)
      let modifiers = try command.modifiers.given(in: F.format).modifiers(
        of: geometry, in: F.format)
      command.modifiers.sayWhatIsTaken(of: geometry, in: F.format)
      let lane = OperationLane(
        operation, first: logits, modifiers: modifiers.lane(0, of: geometry))
      guard lane.lackOfValue == nil else {
        throw UserError(
          .usage,
          lane.modified == nil
            ? "every logit is -inf; such a lane has no \(operation)"
            : "with these modifiers a logit is NaN or +inf, or every one is -inf; such a lane has no \(operation)"
        )
      }
      try command.printLane(lane, labels: words)
    }

    /// The logit that a text denotes, rounded to a format.
    private func logit<F: BinaryFloat>(_ text: String, _ notes: inout RoundingNotes) throws -> F {
      guard let value = F(text: text) else {
        throw UserError(
          .usage, "\"\(text)\" is not a number; logits look like 1.5, -3e2, 0x1.8p-4 or -inf")
      }
      let isUnbounded = value.isInfinite && !value.isNegative
      if isUnbounded, text.lowercased().contains("inf"), takesInfinity { return value }
      if value.isNaN, !F.format.hasInfinities, !text.lowercased().contains("nan") {
        throw UserError(
          .usage,
          "\"\(text)\" is no \(F.format.rawValue) number: there are no infinities, and the largest number is \(F.format.greatestFinite)"
        )
      }
      guard !value.isNaN, !isUnbounded else {
        throw UserError(
          .usage,
          "\"\(text)\" is not a finite \(F.format.rawValue) number; "
            + (takesInfinity
              ? "write inf for an infinite one" : "a lane with NaN or +inf has no \(operation)"))
      }
      var exact = BigFloat(precision: 2048)
      if value.isFinite, let ternary = exact.assign(parsing: text, .toNearestOrEven),
        ternary != 0 || exact.compare(value.exactDouble) != 0
      {
        notes.add(text, value.hexText)
      }
      return value
    }

    /// Whether a lane with +inf has a value.
    private var takesInfinity: Bool {
      OperationLane(operation, exactly: [.infinity]).lackOfValue == nil
    }
  }

  /// Prints the values of a lane that has some, a line for each output.
  ///
  /// - Parameter labels: One for each output; none where the lane gives one number.
  func printLane(_ lane: OperationLane, labels: [String]) throws {
    // One oracle for all values: it keeps the sums that they share.
    let oracle = SoftmaxOracle(precisionCap: max(1 << 16, 8 * digits))
    if lane.operation.output.extent == .one {
      let value = try value(slot: 0, of: lane, oracle, name: lane.operation.output.role)
      return try Console.print(value + "\n")
    }
    let width = labels.map(\.count).max() ?? 0
    var known: [Int32: String] = [:]
    var text = ""
    for (slot, label) in zip(lane.slots, labels) {
      let value = try known[slot] ?? value(slot: Int(slot), of: lane, oracle, name: label)
      known[slot] = value
      text += label.padded(to: width) + "  " + value + "\n"
    }
    try Console.print(text)
  }

  /// The text of a value, with its correct rounding where that is asked for.
  private func value(
    slot: Int, of lane: OperationLane, _ oracle: SoftmaxOracle, name: String
  ) throws -> String {
    let isMasked = slot == DistinctLogits.masked
    let text: String? =
      isMasked
      ? (lane.operation.output.masked == 0 ? "0" : "-inf")
      : oracle.decimalText(slot: slot, of: lane, digits: digits)
        ?? lane.vanishingText(slot: slot)
    guard let text else {
      throw UserError(
        .notMeasured,
        "the digits of the value for \(name) are not decided within \(oracle.precisionCap) bits; it is too close to a number with fewer digits"
      )
    }
    var line = text
    if let rounding = outputFormat ?? format {
      line +=
        "  "
        + (try rounding.open(Rounding(oracle: oracle, lane: lane, slot: isMasked ? nil : slot)))
    }
    return line
  }

  /// The correctly rounded value in a known format, as decimal and hexadecimal text.
  private struct Rounding: FormatGenericWork {
    let oracle: SoftmaxOracle
    let lane: OperationLane
    /// Nil for a -inf logit.
    let slot: Int?

    func run<F: BinaryFloat>(_ type: F.Type) throws -> String {
      let value =
        if let slot {
          oracle.rounded(slot: slot, of: lane, as: type)
        } else {
          lane.operation.output.masked == 0 ? F.zero : -F.infinity
        }
      guard let value else {
        throw UserError(
          .notMeasured, "the rounding is not decided within \(oracle.precisionCap) bits")
      }
      return "\(value.decimalText)  \(value.hexText)"
    }
  }
}

/// Notes on logits that a format does not hold: the first few one by one, the others with their
/// number.
private struct RoundingNotes {
  let format: FloatFormat
  private var first: [(text: String, value: String)] = []
  private var count = 0
  private static let shown = 3

  init(format: FloatFormat) { self.format = format }

  mutating func add(_ text: String, _ value: String) {
    count += 1
    if count <= Self.shown { first.append((text, value)) }
  }

  func tell() {
    for (text, value) in first {
      Console.note("note: \(text) is rounded to \(format.rawValue): \(value)")
    }
    if count > Self.shown {
      Console.note("note: so are \(count - Self.shown) other logits")
    }
  }
}
