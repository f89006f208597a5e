import ArgumentParser
import AuditedOperations
import Audits
import Basics
import ErrorMeasurement
import FloatFormats
import Oracle

/// The formats of logits and probabilities.
struct FormatOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .singleValue,
    help:
      "A format of the logits (repeatable; default: all that the implementation has but those of 8 bits)."
  )
  var format: [FloatFormat] = []

  @Option(name: .long, help: "The format of the probabilities (default: that of the logits).")
  var outputFormat: FloatFormat?

  /// The formats of logits asked for, in the order of the list; all where none is named.
  var asked: [FloatFormat] { format.orAll }

  /// Adds what a command cannot be asked for that takes no 8-bit formats.
  func refuseEightBits(in command: String, _ mistakes: inout Mistakes) {
    (format + [outputFormat].compactMap { $0 }).refuseEightBits(in: command, &mistakes)
  }
}

extension [FloatFormat] {
  /// Adds what a command cannot be asked for that takes no 8-bit formats.
  func refuseEightBits(in command: String, _ mistakes: inout Mistakes) {
    guard let narrow = first(where: \.isOfEightBits) else { return }
    mistakes.add(
      .usage,
      "\(command) takes no \(narrow.rawValue) yet; audit, check, gate, verify and reference do")
  }
}

extension [FloatFormat] {
  /// The formats in the order of the list; where there is none all but those that are asked for by
  /// name.
  var orAll: [FloatFormat] {
    isEmpty ? FloatFormat.allCases : FloatFormat.everyOne.filter { contains($0) }
  }

  /// The formats that no implementation is offered for, a sentence each.
  func unoffered(by implementations: [any SoftmaxImplementation]) -> [String] {
    uniqued().filter { format in !implementations.contains { $0.formats.contains(format) } }.map {
      "no selected implementation is offered for \($0.rawValue)"
    }
  }
}

extension [any SoftmaxImplementation] {
  /// The implementations that are offered for none of some formats, a sentence each.
  func unoffered(in formats: [FloatFormat]) -> [String] {
    filter { !$0.formats.contains(where: formats.contains) }.map {
      "\($0.name) is not offered for the formats asked for, but for \($0.formats.listed)"
    }
  }
}

/// The lanes of families.
struct LaneOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .singleValue,
    help: "A name or glob of families of inputs (repeatable; default: all).")
  var family: [String] = []

  @Option(
    name: .long, parsing: .unconditionalSingleValue,
    help:
      "A length of lanes, or a number of keys (repeatable; default: from 0 to 131072, as the family deserves)."
  )
  var length: [Int] = []

  @Option(
    name: .long, parsing: .unconditional,
    help: "Lanes per cell (default: up to 64, fewer where they are long).")
  var samples: Int?

  /// Whether none was given.
  var isEmpty: Bool { family.isEmpty && length.isEmpty && samples == nil }

  /// The cells of the families in formats.
  ///
  /// - Throws: ``Mistakes``, all that there are.
  func cells(
    of operation: AuditedOperation = .softmax, in formats: [FloatFormat],
    largestLogit: Double? = nil, isFromOutside: Bool = false
  ) throws -> [AuditPlan.Cell] {
    try AuditPlan.cells(
      selectedBy: family, of: operation, formats: formats, lengths: length, samples: samples,
      largestLogit: largestLogit, isFromOutside: isFromOutside)
  }

  /// The cells that some of the implementations can be measured on, and the lengths that some are
  /// not made for.
  func measurable(
    _ cells: [AuditPlan.Cell], by selected: ImplementationOptions.Selected
  ) -> (cells: [AuditPlan.Cell], outsideDomain: [String]) {
    let asked =
      length.isEmpty ? AuditPlan.fitting(cells, to: selected.implementations) : cells
    let measurable = asked.filter { cell in
      selected.implementations.contains { $0.formats.contains(cell.format) }
    }
    return (measurable, selected.outsideDomain(lengths: length.uniqued(), of: measurable))
  }
}

/// The largest magnitude of the logits of families.
struct LargestLogitOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Leave out lanes with finite logits beyond this magnitude (default: any logit).",
      valueName: "x"))
  var largestLogit: Double?
}

extension FloatFormat: ExpressibleByArgument {
  /// Those that are asked for by name too.
  public static var allValueStrings: [String] { everyOne.map(\.rawValue) }
}
extension AuditedOperation: ExpressibleByArgument {
  public init?(argument: String) { self.init(named: argument) }
  public static var allValueStrings: [String] { everyOne.map(\.name) }
}
extension OracleTier: ExpressibleByArgument {}
