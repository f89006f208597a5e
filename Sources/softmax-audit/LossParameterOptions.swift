import ArgumentParser
import AuditedOperations
import Basics

/// The parameters of a cross-entropy and of its gradient.
struct LossParameterOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Of cross-entropy: the share of the loss that is spread over all classes (default: 0).",
      valueName: "e"))
  var labelSmoothing: Double?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Of cross-entropy: the target whose lanes have loss and gradient 0 (default: -100).",
      valueName: "class"))
  var ignoreIndex: Int64?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Of cross-entropy: a weight for each class (default: 1).", valueName: "file"))
  var classWeights: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Of cross-entropy: whether the loss is that of each lane (none, the default), or their mean "
        + "or sum.", valueName: "reduction"))
  var reduction: LossReduction?

  /// Whether none was given.
  var isEmpty: Bool {
    labelSmoothing == nil && ignoreIndex == nil && classWeights == nil && reduction == nil
  }

  /// Adds the parameters that an operation does not have, and those that are out of their range.
  func check(for operation: AuditedOperation, _ mistakes: inout Mistakes) {
    let given: [(name: String, isGiven: Bool)] = [
      ("--label-smoothing", labelSmoothing != nil), ("--ignore-index", ignoreIndex != nil),
      ("--class-weights", classWeights != nil),
    ]
    if !operation.inputs.contains(.targets) {
      for parameter in given where parameter.isGiven {
        mistakes.add(.usage, "\(operation.name) has no \(parameter.name); leave it out")
      }
    }
    if reduction != nil, operation != .crossEntropy {
      mistakes.add(.usage, "\(operation.name) has no --reduction; leave it out")
    }
    if let labelSmoothing, !(0...1).contains(labelSmoothing) {
      mistakes.add(
        .usage, "--label-smoothing \(labelSmoothing): use a number from 0 to 1")
    }
  }
}

extension LossReduction: ExpressibleByArgument {}
