import ArgumentParser
import AuditedOperations
import Basics
import ExternalImplementations
import FloatFormats

/// The operation whose inputs and output somebody saved, its files and its parameters.
struct SavedOperationOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The operation that was computed: "
        + AuditedOperation.verifiable.map(\.name).joined(separator: ", ") + ".",
      valueName: "name"))
  var operation = AuditedOperation.softmax.name

  @Option(name: .long, help: ArgumentHelp("The logits.", valueName: "file"))
  var logits: String?

  @Option(
    name: .long, help: ArgumentHelp("The softmax that was computed of them.", valueName: "file"))
  var probabilities: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "An input of the operation: logits, upstream (the derivatives by the outputs), probabilities "
        + "or targets (repeatable).", valueName: "role=file"))
  var input: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "The output that was computed: probabilities, log-probabilities, logsumexp, loss, gradient or "
        + "jacobian, as the operation has it.", valueName: "role=file"))
  var output: [String] = []

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

  /// Whether nothing of it was given.
  var isEmpty: Bool {
    operation == AuditedOperation.softmax.name && files.isEmpty && labelSmoothing == nil
      && ignoreIndex == nil && reduction == nil
  }

  /// Whether of the short form of a softmax one file is missing.
  var isHalfOfShortForm: Bool {
    operation == AuditedOperation.softmax.name && input.isEmpty && output.isEmpty
      && (logits == nil) != (probabilities == nil)
  }

  /// The files, where they can be told from the words.
  var files: [String] {
    [logits, probabilities, classWeights].compactMap { $0 }
      + (input + output).map { word in
        word.firstIndex(of: "=").map { String(word[word.index(after: $0)...]) } ?? word
      }
  }

  /// The files of an operation by role.
  struct Roles {
    let operation: AuditedOperation
    /// The file of the first input, logits or probabilities.
    let first: String
    let upstream, targets: String?
    let output: String
    let classWeights: String?
    let labelSmoothing: Double
    let ignoreIndex: Int64
    let reduction: LossReduction

    /// The files that hold numbers of an audited format.
    var tensors: [String] { [first, output] + [upstream, classWeights].compactMap { $0 } }

    /// The parameters of a cross-entropy.
    ///
    /// - Parameter read: Reads the class weights.
    func parameters(
      read: (String) throws -> SavedTensor
    ) throws -> CrossEntropyParameters {
      CrossEntropyParameters(
        labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex,
        classWeights: try classWeights.map { name in
          let tensor = try read(name)
          guard tensor.shape.count == 1 else {
            throw UserError(
              .malformedInput,
              "\(name) has the shape \(tensor.shape); class weights are one number for each class")
          }
          let weights = try tensor.format.open(Widening(tensor: tensor))
          guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw UserError(
              .malformedInput,
              "\(name) holds a weight that is negative or no finite number; class weights are neither"
            )
          }
          return weights
        })
    }
  }

  /// The files by role, and the parameters.
  ///
  /// - Throws: ``Mistakes`` of kind `usage`: no such operation, roles that are missing, given twice
  ///   or not those of the operation, parameters that it does not have or that are no numbers of
  ///   their range.
  func roles() throws -> Roles {
    guard let operation = AuditedOperation(named: operation, among: AuditedOperation.verifiable)
    else {
      let names = AuditedOperation.verifiable.map(\.name).joined(separator: ", ")
      throw UserError(
        .usage, "there is no operation \(operation); there are \(names)")
    }
    var mistakes = Mistakes()
    let inputs = Self.byRole(
      [("logits", logits)], input, option: "--input", of: operation,
      expected: operation.inputs.map(\.rawValue), &mistakes)
    let outputs = Self.byRole(
      [("probabilities", probabilities)], output, option: "--output", of: operation,
      expected: [operation.output.role], &mistakes)
    checkParameters(of: operation, &mistakes)
    try mistakes.throwIfAny()
    guard let first = inputs[operation.inputs[0].rawValue],
      let output = outputs[operation.output.role]
    else { throw InternalError("a role is missing that nobody complained about") }
    return Roles(
      operation: operation, first: first, upstream: inputs[InputRole.upstream.rawValue],
      targets: inputs[InputRole.targets.rawValue], output: output, classWeights: classWeights,
      labelSmoothing: labelSmoothing ?? 0, ignoreIndex: ignoreIndex ?? -100,
      reduction: reduction ?? .none)
  }

  /// The files by role.
  private static func byRole(
    _ short: [(role: String, file: String?)], _ words: [String], option: String,
    of operation: AuditedOperation, expected: [String], _ mistakes: inout Mistakes
  ) -> [String: String] {
    var files: [String: String] = [:]
    func add(_ role: String, _ file: String, as word: String) {
      if !expected.contains(role) {
        mistakes.add(
          .usage,
          "\(word): \(operation.name) has no such \(option.dropFirst(2)); it has \(expected.joined(separator: ", "))"
        )
      } else if files.updateValue(file, forKey: role) != nil {
        mistakes.add(.usage, "\(role) was given twice; keep one of them")
      }
    }
    for (role, file) in short {
      if let file { add(role, file, as: "--\(role)") }
    }
    for word in words {
      guard let equals = word.firstIndex(of: "="), word.index(after: equals) < word.endIndex else {
        mistakes.add(.usage, "\(option) \(word): write role=file, as in \(expected[0])=x.npy")
        continue
      }
      add(
        String(word[..<equals]), String(word[word.index(after: equals)...]),
        as: "\(option) \(word)")
    }
    for role in expected where files[role] == nil {
      mistakes.add(.usage, "\(operation.name) needs \(option) \(role)=FILE")
    }
    return files
  }

  private func checkParameters(of operation: AuditedOperation, _ mistakes: inout Mistakes) {
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

  /// All numbers of a tensor in binary64, which holds every format.
  private struct Widening: FormatGenericWork {
    let tensor: SavedTensor

    func run<F: BinaryFloat>(_ format: F.Type) throws -> [Double] {
      try tensor.elements(as: F.self).map(\.exactDouble)
    }
  }
}

extension LossReduction: ExpressibleByArgument {}
