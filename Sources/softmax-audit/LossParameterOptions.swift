import ArgumentParser
import AuditedOperations
import Basics
import ExternalImplementations
import FloatFormats

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

  /// Adds a mistake where losses are to be reduced and a command measures that of each lane.
  func refuseReduction(in command: String, _ mistakes: inout Mistakes) {
    guard let reduction, reduction != .none else { return }
    mistakes.add(
      .usage,
      "--reduction \(reduction.rawValue): \(command) measures the loss of each lane; leave it out, or verify a saved loss"
    )
  }

  /// The file of the class weights, for those that must not be written to.
  var namedFiles: [String] { [classWeights].compactMap { $0 } }

  /// The words that give the same parameters of each lane's loss again.
  var words: [String] {
    var words: [String] = []
    if let labelSmoothing { words += ["--label-smoothing", "\(labelSmoothing)"] }
    if let ignoreIndex { words += ["--ignore-index", "\(ignoreIndex)"] }
    if let classWeights { words += ["--class-weights", classWeights] }
    return words
  }

  /// The parameters of each lane's loss, with the weights of their file.
  ///
  /// - Parameters:
  ///   - integers: The format that 16-bit integers are the bit patterns of; `nil` for none.
  ///   - raw: What a file that says nothing of itself holds; `nil` where it does.
  /// - Throws: ``UserError`` where there is no such file, or it holds no weights.
  func given(integersAre integers: FloatFormat?, raw: RawTensor? = nil) throws -> GivenLoss {
    let weights = try classWeights.map {
      try NumberFile(reading: $0, integersAre: integers, raw: raw)
    }
    if let weights {
      guard weights.shape.count == 1 else {
        throw UserError(
          .malformedInput,
          "\(weights.path) has the shape \(weights.shape); class weights are one number for each class"
        )
      }
      guard weights.numbers.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw UserError(
          .malformedInput,
          "\(weights.path) holds a weight that is negative or no finite number; class weights are neither"
        )
      }
    }
    return GivenLoss(
      labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex, classWeights: weights)
  }
}

extension LossReduction: ExpressibleByArgument {}
