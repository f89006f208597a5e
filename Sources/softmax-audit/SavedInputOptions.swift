import ArgumentParser
import AuditedOperations
import Basics

/// An operation and the files of its inputs.
struct SavedInputOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The operation: " + AuditedOperation.names + ".",
      valueName: "name"))
  var operation = AuditedOperation.softmax.name

  @Option(name: .long, help: ArgumentHelp("The logits.", valueName: "file"))
  var logits: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "An input of the operation: logits, upstream (the derivatives by the outputs), probabilities "
        + "or targets; of attention query, key and value (repeatable).", valueName: "role=file"))
  var input: [String] = []

  /// Whether no file was given.
  var isEmpty: Bool { logits == nil && input.isEmpty }

  /// The files, where they can be told from the words.
  var namedFiles: [String] { [logits].compactMap { $0 } + input.map(Self.file(in:)) }

  /// The file in `role=file`; all of a word that has no role.
  static func file(in word: String) -> String {
    word.firstIndex(of: "=").map { String(word[word.index(after: $0)...]) } ?? word
  }

  /// The operation of the name.
  ///
  /// - Throws: ``UserError`` of kind `usage` where there is none.
  func knownOperation() throws(UserError) -> AuditedOperation {
    guard let known = AuditedOperation(named: operation) else {
      throw UserError(
        .usage, "there is no operation \(operation); there are \(AuditedOperation.names)")
    }
    return known
  }

  /// The files by role, and the parameters.
  ///
  /// - Throws: ``Mistakes`` of kind `usage`: no such operation, roles that are missing, given twice
  ///   or not those of the operation, parameters that it does not have or that are no numbers of
  ///   their range.
  func files(
    _ parameters: LossParameterOptions, _ modifiers: ModifierOptions
  ) throws -> SavedInputFiles {
    let operation = try knownOperation()
    var mistakes = Mistakes()
    let files = Self.byRole(
      [("logits", logits)], input, option: "--input", of: operation,
      expected: operation.inputs.map(\.rawValue), &mistakes)
    parameters.check(for: operation, &mistakes)
    modifiers.check(for: operation, &mistakes)
    try mistakes.throwIfAny()
    guard let first = files[operation.inputs[0].rawValue] else {
      throw InternalError("a role is missing that nobody complained about")
    }
    return SavedInputFiles(
      operation: operation, first: first, upstream: files[InputRole.upstream.rawValue],
      targets: files[InputRole.targets.rawValue], parameters: parameters, modifiers: modifiers)
  }

  /// The files by role.
  ///
  /// - Parameters:
  ///   - short: Roles with an option of their own, and the file that it names.
  ///   - words: `role=file`, as the option takes it.
  ///   - expected: The roles that there are.
  ///   - needsAll: Whether each of them is needed, or one is enough.
  static func byRole(
    _ short: [(role: String, file: String?)], _ words: [String], option: String,
    of operation: AuditedOperation, expected: [String], needsAll: Bool = true,
    _ mistakes: inout Mistakes
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
      add(String(word[..<equals]), Self.file(in: word), as: "\(option) \(word)")
    }
    if !needsAll, files.isEmpty {
      mistakes.add(
        .usage, "\(operation.name) needs \(option) \(expected.joined(separator: "=FILE or "))=FILE")
    }
    for role in expected where needsAll && files[role] == nil {
      mistakes.add(.usage, "\(operation.name) needs \(option) \(role)=FILE")
    }
    return files
  }
}
