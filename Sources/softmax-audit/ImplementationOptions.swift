import ArgumentParser
import ExternalImplementations
import FloatFormats
import Foundation
import SoftmaxAudit

/// The options that say which implementations a command is about, built in or from outside.
struct ImplementationOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A name or glob of built-in implementations (repeatable; default: all, or none where there "
        + "is one from outside).", valueName: "name"))
  var implementation: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A shared library with the interface of scripts/plugins/softmax_audit.h (repeatable).",
      valueName: "[name=]lib.so"))
  var plugin: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A Python callable of NumPy arrays or torch tensors, with axis=, dim= or neither: a function, a module or its class; "
        + "'file.py:callable' names a file (repeatable).",
      valueName: "[name=]pkg.mod:callable"))
  var python: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A keyword argument for the calls of --python: a number, true, false, none, JSON or a string (repeatable).",
      valueName: "name=value"))
  var argument: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A Python library, one of its variants or a glob of them, as 'softmax-audit list --libraries' "
        + "shows them: 'torch' is torch's own softmax, 'torch:*' the variants, 'torch*' both (repeatable).",
      valueName: "library"))
  var library: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "An ONNX model that is a softmax of its one input, or a node Softmax in a larger model, run by onnxruntime "
        + "(repeatable).", valueName: "[name=]model.onnx[#node]"))
  var onnx: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The Python to run them with (default: python3; for --library that of scripts/setup-libraries).",
      valueName: "path"))
  var pythonExecutable: String?

  @Flag(
    name: .long,
    help: "Call plug-ins in this process: faster, and a crash or hang of theirs is ours.")
  var inProcess = false

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Seconds that a call from outside may take; after three that take longer the implementation is given up "
        + "(default: 5).", valueName: "seconds"))
  var timeLimit: Double?

  /// Whether none of the options was given.
  var isEmpty: Bool {
    implementation.isEmpty && !hasOutsiders && pythonExecutable == nil && !inProcess
      && timeLimit == nil && argument.isEmpty
  }

  /// Whether no implementation was named.
  var namesNothing: Bool { implementation.isEmpty && !hasOutsiders }

  /// Implementations that options select, and what they ask for in vain.
  struct Selected: Sendable {
    var implementations: [any SoftmaxImplementation] = []
    /// What cannot be loaded, one sentence each.
    var notMeasured: [String] = []
    /// By the name of an implementation from outside, the options that select it alone.
    fileprivate var optionsByName: [String: [String]] = [:]

    /// Says how implementations are called that can be called in more than one way.
    func sayHowCalled(quietly isQuiet: Bool) {
      guard !isQuiet else { return }
      for implementation in implementations {
        guard let worker = implementation as? WorkerImplementation,
          let call = worker.callDescription, call != ImplementationOptions.usualCall
        else { continue }
        Console.note("note: \(worker.name): \(call)")
      }
    }

    /// The words of a command line that select one implementation.
    func words(for name: String) -> [String] {
      optionsByName[name] ?? ["--implementation", name]
    }

    fileprivate mutating func add(
      _ options: [String], _ load: () throws -> any SoftmaxImplementation
    ) throws {
      do {
        let implementation = try load()
        if optionsByName[implementation.name] != nil
          || implementations.contains(where: { $0.name == implementation.name })
        {
          throw UserError(
            .usage,
            "two implementations are called \(implementation.name); give one another name, as in \(options[0]) other=\(options.dropFirst().first ?? "")"
          )
        }
        optionsByName[implementation.name] = options
        implementations.append(implementation)
      } catch let error as UserError where error.kind == .notMeasured {
        notMeasured.append(error.message)
      }
    }
  }

  /// The implementations that the options select, built-in ones first.
  ///
  /// What cannot be loaded does not keep the others from being measured.
  ///
  /// - Throws: ``Mistakes``, all that there are; of kind `notMeasured` where nothing at all is left.
  func select(in formats: [FloatFormat]) throws -> Selected {
    var mistakes = Mistakes()
    if let timeLimit, !(timeLimit > 0 && timeLimit <= 86_400) {
      mistakes.add(
        .usage, "--time-limit \(timeLimit): use a number of seconds above 0, at most 86400")
    }
    if timeLimit != nil, !hasOutsiders || inProcess && !hasWorkers {
      mistakes.add(
        .usage,
        "--time-limit is for implementations that run in a process of their own; leave it out")
    }
    if inProcess, plugin.isEmpty {
      mistakes.add(.usage, "--in-process belongs to --plugin; there is none")
    }
    if pythonExecutable != nil, !hasCallables {
      mistakes.add(
        .usage, "--python-executable belongs to --python, --library or --onnx; there is none")
    }
    if !argument.isEmpty, python.isEmpty {
      mistakes.add(.usage, "--argument belongs to --python; there is none")
    }
    for text in argument where text.prefix(while: { $0 != "=" }).isEmpty || !text.contains("=") {
      mistakes.add(.usage, "--argument \(text): write NAME=VALUE")
    }
    try mistakes.throwIfAny()

    var selected = Selected()
    if !implementation.isEmpty || !hasOutsiders {
      selected.implementations +=
        try mistakes.collect { try Selection.implementations(implementation, in: formats) } ?? []
    }
    for text in plugin { _ = try mistakes.collect { try addPlugin(text, to: &selected) } }
    for text in python { _ = try mistakes.collect { try addCallable(text, to: &selected) } }
    for text in library { _ = try mistakes.collect { try addLibrary(text, to: &selected) } }
    for text in onnx { _ = try mistakes.collect { try addModel(text, to: &selected) } }
    try mistakes.throwIfAny()
    if selected.implementations.isEmpty {
      for reason in selected.notMeasured { mistakes.add(.notMeasured, reason) }
      throw mistakes
    }
    return selected
  }

  private var hasOutsiders: Bool { !plugin.isEmpty || hasCallables }
  private var hasCallables: Bool { !python.isEmpty || !library.isEmpty || !onnx.isEmpty }
  /// Whether something runs in another process.
  private var hasWorkers: Bool { !plugin.isEmpty && !inProcess || hasCallables }

  private var limits: WorkerImplementation.Limits { .init(call: timeLimit ?? 5) }

  private var limitWords: [String] { timeLimit.map { ["--time-limit", "\($0)"] } ?? [] }

  private func addPlugin(_ text: String, to selected: inout Selected) throws {
    let (name, path) = Self.split(text)
    try selected.add(["--plugin", text] + (inProcess ? ["--in-process"] : limitWords)) {
      guard FileManager.default.fileExists(atPath: path) else {
        throw UserError(.notMeasured, "there is no plug-in \(path); check the path")
      }
      if inProcess { return try InProcessPlugin(name: name, path: path) }
      return try Plugin.isolated(
        name: name, path: path, program: try Self.ownPath(), limits: limits)
    }
  }

  private var pythonWords: [String] {
    (pythonExecutable.map { ["--python-executable", $0] } ?? []) + limitWords
  }

  private func addCallable(_ text: String, to selected: inout Selected) throws {
    let (name, callable) = Self.split(text)
    guard let colon = callable.lastIndex(of: ":"), colon > callable.startIndex,
      callable.index(after: colon) < callable.endIndex
    else {
      throw UserError(
        .usage,
        "--python \(text): name a callable, as in package.module:callable or file.py:callable")
    }
    let module = String(callable[..<colon])
    // The name in results is without the directories of this machine.
    let ownName =
      module.hasSuffix(".py")
      ? URL(fileURLWithPath: module).deletingPathExtension().lastPathComponent + callable[colon...]
      : nil
    let words = argument.flatMap { ["--argument", $0] }
    try selected.add(["--python", text] + words + pythonWords) {
      try PythonHost(executable: pythonExecutable ?? "python3", program: try Self.ownPath())
        .implementation(
          name: name ?? ownName, callable: callable, arguments: argument, limits: limits)
    }
  }

  /// How most callables are called, which needs no word.
  fileprivate static let usualCall = "called with NumPy arrays, axis="

  private func addModel(_ text: String, to selected: inout Selected) throws {
    let (name, path) = Self.split(text)
    try selected.add(["--onnx", text] + pythonWords) {
      let (file, node) = Self.splitNode(path)
      guard FileManager.default.fileExists(atPath: file) else {
        throw UserError(.notMeasured, "there is no model \(file); check the path")
      }
      let fileName = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
      return try Self.libraryHost(pythonExecutable).implementation(
        name: name ?? fileName + (node.map { "#" + $0 } ?? ""), callable: "onnx:" + path,
        summary: "the ONNX model \(path)",
        limits: limits)
    }
  }

  /// Takes the name of a node off the end; a file whose name has the sign is still a file.
  private static func splitNode(_ text: String) -> (file: String, node: String?) {
    guard let sign = text.lastIndex(of: "#"), !FileManager.default.fileExists(atPath: text) else {
      return (text, nil)
    }
    return (String(text[..<sign]), String(text[text.index(after: sign)...]))
  }

  /// The interpreter for bundled libraries.
  static func libraryHost(_ executable: String?) throws -> PythonHost {
    guard let executable else { return try PythonHost.ofLibraries(program: try ownPath()) }
    return try PythonHost(executable: executable, program: try ownPath())
  }

  private func addLibrary(_ pattern: String, to selected: inout Selected) throws {
    let host: PythonHost
    let all: [BundledLibrary]
    do {
      host = try Self.libraryHost(pythonExecutable)
      all = try BundledLibrary.all(in: host)
    } catch let error as UserError where error.kind == .notMeasured {
      selected.notMeasured.append("\(pattern): \(error.message)")
      return
    }
    let isGlob = Selection.isGlob(pattern)
    let exact = all.filter { $0.name == pattern && !isGlob }
    // A library that has no form of its own name, as numpy, is all its forms.
    let chosen =
      exact.isEmpty
      ? all.filter { isGlob ? Selection.matches($0.name, pattern) : $0.library == pattern } : exact
    guard isGlob || !chosen.isEmpty || !exact.isEmpty else {
      throw UserError(
        .usage,
        "there is no library \"\(pattern)\"; 'softmax-audit list --libraries' shows those there are"
      )
    }
    // A glob takes what there is; a name must be measured.
    let wanted = isGlob ? chosen.filter(\.isInstalled) : chosen
    if wanted.isEmpty {
      selected.notMeasured.append("no library that is installed matches \(pattern)")
    }
    for library in wanted
    where !selected.implementations.contains(where: { $0.name == library.name }) {
      try selected.add(["--library", library.name] + pythonWords) {
        try library.implementation(in: host, limits: limits)
      }
    }
  }

  /// Takes a name off the front; a file whose name has an equals sign is still a file.
  private static func split(_ text: String) -> (name: String?, rest: String) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex,
      !FileManager.default.fileExists(atPath: text)
    else { return (nil, text) }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  /// Where this program lies, to be started again as a worker.
  private static func ownPath() throws -> String {
    guard let path = Bundle.main.executablePath else {
      throw InternalError("the path of this program is unknown")
    }
    return path
  }
}
