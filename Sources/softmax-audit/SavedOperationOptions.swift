import ArgumentParser
import AuditedOperations
import Basics

/// The operation whose inputs and output somebody saved, its files and its parameters.
struct SavedOperationOptions: ParsableArguments {
  @OptionGroup
  var inputs: SavedInputOptions

  @Option(
    name: .long, help: ArgumentHelp("The softmax that was computed of them.", valueName: "file"))
  var probabilities: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "The output that was computed: probabilities, log-probabilities, logsumexp, loss, gradient or "
        + "jacobian, as the operation has it; of attention output, logsumexp or both.",
      valueName: "role=file"))
  var output: [String] = []

  @OptionGroup
  var parameters: LossParameterOptions

  @OptionGroup
  var modifiers: ModifierOptions

  /// Whether nothing of it was given.
  var isEmpty: Bool {
    inputs.operation == AuditedOperation.softmax.name && namedFiles.isEmpty && parameters.isEmpty
      && modifiers.isEmpty
  }

  /// Whether of the short form of a softmax one file is missing.
  var isHalfOfShortForm: Bool {
    inputs.operation == AuditedOperation.softmax.name && inputs.input.isEmpty && output.isEmpty
      && (inputs.logits == nil) != (probabilities == nil)
  }

  /// The files, where they can be told from the words.
  var namedFiles: [String] {
    inputs.namedFiles + [probabilities].compactMap { $0 } + parameters.namedFiles
      + modifiers.namedFiles + output.map(SavedInputOptions.file(in:))
  }

  /// The files of an operation.
  struct Files {
    let inputs: SavedInputFiles
    let output: String

    /// The files that hold numbers of an audited format.
    var tensors: [String] {
      inputs.tensors.prefix(1) + [output] + inputs.tensors.dropFirst()
    }
  }

  /// The files by role, and the parameters.
  ///
  /// - Throws: ``Mistakes`` as ``SavedInputOptions/files(_:)`` does, and for the output's role.
  func files() throws -> Files {
    let operation = try inputs.knownOperation()
    var mistakes = Mistakes()
    let files = try mistakes.collect { try inputs.files(parameters, modifiers) }
    let role = operation.output.role
    let outputs = SavedInputOptions.byRole(
      [("probabilities", probabilities)], output, option: "--output", of: operation,
      expected: [role], &mistakes)
    return Files(
      inputs: try mistakes.require(files), output: try mistakes.require(outputs[role]))
  }
}
