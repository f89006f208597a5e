import ArgumentParser
import AuditRecords
import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats
import Foundation
import Laws
import Policies
import SoftmaxVariants

/// The options that say which implementations a command is about, built in or from outside.
struct ImplementationOptions: ParsableArguments {
  @OptionGroup
  var operations: OperationOptions

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A name or glob of built-in implementations (repeatable; default: all, or none where there "
        + "is one from outside).", valueName: "name"))
  var implementation: [String] = []

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A shared library with the interface of softmax_audit.h (softmax-audit show softmax_audit.h), and what the names of "
        + "its functions begin with where it holds several (repeatable).",
      valueName: "[name=]lib.so[:prefix]"))
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
      "An ONNX model that computes an operation of its one input, or a node Softmax, LogSoftmax or ReduceLogSumExp "
        + "in a larger model, run by onnxruntime (repeatable).",
      valueName: "[name=]model.onnx[#node]"))
  var onnx: [String] = []

  @Option(
    name: .long, parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A command of the shell that speaks the protocol of WorkerProtocol.md (softmax-audit show WorkerProtocol.md), in any language, under an "
        + "emulator or on another host (repeatable).", valueName: "[name=]command"))
  var worker: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The Python to run them with (default: what SOFTMAX_AUDIT_PYTHON names, else python3; for --library that of "
        + "scripts/setup-libraries where there is one).",
      valueName: "path"))
  var pythonExecutable: String?

  @Flag(
    name: .long,
    help: "Call plug-ins in this process: faster, and a crash or hang of theirs is ours.")
  var inProcess = false

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Seconds that loading from outside, a first answer and a call may take each; after three that take longer "
        + "the implementation is given up (default: 5 for a call, 60 for the others).",
      valueName: "seconds"))
  var timeLimit: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Memory that a process from outside may have in use with all that it starts, as in 800M or 4G (default: "
        + "what the machine can spare).", valueName: "size"))
  var memoryLimit: MemorySize?

  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp(
      "Seconds for the whole run; what is left then is not measured (default: no limit).",
      valueName: "seconds"))
  var totalTime: Double?

  /// Whether none of the options was given.
  var isEmpty: Bool { operations.operation == nil && isEmptyBesideOperation }

  /// Whether none of the options was given but perhaps the operation.
  var isEmptyBesideOperation: Bool {
    implementation.isEmpty && !hasOutsiders && pythonExecutable == nil && !inProcess
      && timeLimit == nil && memoryLimit == nil && totalTime == nil && argument.isEmpty
  }

  /// The files that are loaded, as they were named.
  var files: [String] { plugin + onnx }

  /// Whether no implementation was named.
  var namesNothing: Bool { implementation.isEmpty && !hasOutsiders }

  /// Does something within the time for the whole run, if there is a limit.
  func withinTotalTime<Result>(_ work: () async throws -> Result) async throws -> Result {
    guard let totalTime, totalTime > 0 else { return try await work() }
    return try await RunDeadline.$current.withValue(RunDeadline(seconds: totalTime)) {
      try await work()
    }
  }

  /// Implementations that options select, and what they ask for in vain.
  struct Selected: Sendable {
    var implementations: [any SoftmaxImplementation] = []
    /// The things that cannot be loaded, one sentence each.
    var notMeasured: [String] = []
    /// By the name of an implementation from outside, the options that select it alone.
    fileprivate var optionsByName: [String: [String]] = [:]
    /// Whether somebody named the operation.
    fileprivate var isOperationChosen = false
    /// The names of built-in implementations that somebody wrote out.
    fileprivate var writtenNames: Set<String> = []

    /// The operation that they compute.
    var operation: AuditedOperation { implementations.first?.operation ?? .softmax }

    /// Says how implementations are called that can be called in more than one way, and what others
    /// are not asked because they say that they are not made for it.
    func sayHowCalled(quietly isQuiet: Bool) {
      guard !isQuiet else { return }
      let alike = Dictionary(grouping: implementations) {
        $0.askedDomain.exclusions.joined(separator: "; ")
      }
      for implementation in implementations {
        let clauses = implementation.askedDomain.exclusions.joined(separator: "; ")
        let names = alike[clauses]?.map(\.name) ?? []
        // What has the same limits is said at once.
        if !clauses.isEmpty, names.first == implementation.name {
          let reason =
            implementation.domain.exclusions.isEmpty
            ? "for the size of n x n outputs"
            : "by \(names.count == 1 ? "its" : "their") own description"
          Console.note("not asked: \(names.joined(separator: ", ")) \(reason): \(clauses)")
        }
        guard let worker = implementation as? WorkerImplementation,
          let call = worker.callDescription, call != ImplementationOptions.usualCall
        else { continue }
        Console.note("note: \(worker.name): \(call)")
      }
    }

    /// Says which pairs of formats and which operations implementations have that this run does not
    /// ask for.
    ///
    /// - Parameters:
    ///   - formats: The formats of logits that the run asks about.
    ///   - output: The format of probabilities that it asks for; with one, the others are left out
    ///     by choice.
    func sayWhatElseThereIs(
      formats: [FloatFormat], output: FloatFormat?, quietly isQuiet: Bool
    ) {
      guard !isQuiet else { return }
      for implementation in isOperationChosen ? [] : implementations {
        if let others = implementation.unmeasuredOperations {
          Console.note("note: \(others); ask for it with --operation")
        }
      }
      guard output == nil else { return }
      for implementation in implementations {
        let measured = formats.map { RowScope(implementation, input: $0) }
        if let others = implementation.unmeasuredFormats(beside: measured, among: formats) {
          Console.note("note: \(others); ask for it with --output-format")
        }
      }
    }

    private static func withoutName(_ text: String) -> String {
      ImplementationOptions.split(text).rest
    }

    /// The lengths asked for of implementations that are not made for them, and the implementations
    /// made for none of the cells, one sentence each.
    ///
    /// A glob takes what there is: a built-in implementation that it selects besides others is not
    /// among those that are made for none.
    func outsideDomain(lengths: [Int], of cells: [AuditPlan.Cell] = []) -> [String] {
      func isMade(_ implementation: any SoftmaxImplementation) -> Bool {
        let domain = implementation.askedDomain
        return cells.contains {
          implementation.formats.contains($0.format) && domain.includes($0.source, as: $0.format)
        }
      }
      let isAnyMade = implementations.contains(where: isMade)
      return implementations.flatMap { implementation -> [String] in
        let domain = implementation.askedDomain
        let isOwn = !implementation.domain.exclusions.isEmpty
        let reasons = lengths.filter { !domain.includes(length: $0) }.map {
          isOwn
            ? "\(implementation.name) is by its own description not made for lanes of \($0)"
            : "\(implementation.name) is not asked about lanes of \($0), for the size of n x n outputs"
        }
        let own = cells.filter { implementation.formats.contains($0.format) }
        guard reasons.isEmpty, !own.isEmpty, !isMade(implementation) else { return reasons }
        if isAnyMade, implementation is BuiltInImplementation,
          !writtenNames.contains(implementation.name)
        {
          return []
        }
        return ["\(implementation.name) is by its own description made for none of these lanes"]
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
        try implementation.refuseUnknownDeclarations()
        if AuditedOperation.all.contains(where: {
          SoftmaxVariant(named: implementation.name, of: $0) != nil
        }) {
          throw UserError(
            .usage,
            "\(options[0]) \(options.dropFirst().first ?? "") is called \(implementation.name), as a built-in implementation is; give it another name, as in \(options[0]) other=\(options.dropFirst().first.map { Self.withoutName($0) } ?? "")"
          )
        }
        if optionsByName[implementation.name] != nil
          || implementations.contains(where: { $0.name == implementation.name })
        {
          throw UserError(
            .usage,
            "two implementations are called \(implementation.name); give one another name, as in \(options[0]) other=\(options.dropFirst().first.map { Self.withoutName($0) } ?? "")"
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
  /// - Parameters:
  ///   - command: The command, where it makes no sense of every operation.
  ///   - mayMix: Whether the implementations may be of several operations.
  ///   - takesAttention: Whether the command knows attention, whose lanes are rows.
  ///   - quantized: The tensors of callables that are integers, by their roles; `nil` where the
  ///     command knows no integers.
  /// - Throws: ``Mistakes``, all that there are; of kind `notMeasured` where nothing at all is
  ///   left.
  func select(
    in formats: [FloatFormat], for command: NarrowCommand? = nil, mayMix: Bool = false,
    takesAttention: Bool = false, quantized: [String: Quantization]? = nil
  ) throws -> Selected {
    var mistakes = Mistakes()
    if let quantized, !quantized.isEmpty,
      python.isEmpty || !implementation.isEmpty || !plugin.isEmpty || !library.isEmpty
        || !onnx.isEmpty || !worker.isEmpty
    {
      mistakes.add(
        .usage,
        "--quantised is about --python callables of integers, and about nothing else: an ONNX model and a worker say themselves what their integers mean"
      )
    }
    if operations.asked == .attention {
      if !takesAttention {
        mistakes.add(.usage, OperationOptions.attentionRefusal)
      } else if !onnx.isEmpty {
        mistakes.add(
          .usage,
          "--operation attention: plug-ins, Python callables, libraries and workers can be asked so far; save the output of a model and verify it"
        )
      }
    }
    if let refusal = command?.refusal(of: operations.asked) { mistakes.add(.usage, refusal) }
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
    if let totalTime, !(totalTime > 0 && totalTime <= 1e9) {
      mistakes.add(
        .usage, "--total-time \(totalTime): use a number of seconds above 0, at most 1000000000")
    }
    if memoryLimit != nil, !hasWorkers {
      mistakes.add(
        .usage,
        "--memory-limit is for implementations that run in a process of their own; leave it out")
    }
    try mistakes.throwIfAny()

    var selected = Selected()
    selected.isOperationChosen = operations.operation != nil
    selected.writtenNames = Set(
      implementation.filter { !Glob.isGlob($0) }.map {
        BuiltInImplementation.name(writtenAs: $0, of: operations.asked)
      })
    if !implementation.isEmpty || !hasOutsiders {
      selected.implementations +=
        try mistakes.collect {
          try BuiltInImplementation.selected(
            by: implementation, of: operations.asked, in: formats)
        } ?? []
    }
    for text in plugin { _ = try mistakes.collect { try addPlugin(text, to: &selected) } }
    for text in python {
      _ = try mistakes.collect {
        try addCallable(text, formats, quantized: quantized ?? [:], to: &selected)
      }
    }
    for text in library {
      _ = try mistakes.collect { try addLibrary(text, formats, to: &selected) }
    }
    for text in onnx { _ = try mistakes.collect { try addModel(text, formats, to: &selected) } }
    for text in worker { _ = try mistakes.collect { try addWorker(text, formats, to: &selected) } }
    if quantized == nil,
      let first = selected.implementations.first(where: { !$0.quantizations.isEmpty })
    {
      mistakes.add(
        .usage,
        "\(first.name) takes or gives integers, with a scale and a zero point; audit measures it")
    }
    let others = selected.implementations.filter { $0.operation != selected.operation }
    if let other = others.first, let first = selected.implementations.first, !mayMix {
      mistakes.add(
        .usage,
        "\(first.name) computes \(first.operation), \(other.name) \(other.operation); ask for each in a run of its own"
      )
    } else if let refusal = command?.refusal(of: selected.operation) {
      mistakes.add(.usage, refusal)
    }
    try mistakes.throwIfAny()
    if selected.implementations.isEmpty {
      for reason in selected.notMeasured { mistakes.add(.notMeasured, reason) }
      throw mistakes
    }
    return selected
  }

  /// Whether something is none of this program.
  var hasOutsiders: Bool { !plugin.isEmpty || hasCallables || !worker.isEmpty }
  private var hasCallables: Bool { !python.isEmpty || !library.isEmpty || !onnx.isEmpty }
  /// Whether something runs in another process.
  private var hasWorkers: Bool {
    !plugin.isEmpty && !inProcess || hasCallables || !worker.isEmpty
  }

  private func limits(_ kind: WorkerLimits.Kind) -> WorkerLimits {
    WorkerLimits(kind, seconds: timeLimit, memory: memoryLimit?.bytes)
  }

  private var limitWords: [String] {
    (timeLimit.map { ["--time-limit", "\($0)"] } ?? [])
      + (memoryLimit.map { ["--memory-limit", $0.text] } ?? [])
  }

  private func addPlugin(_ text: String, to selected: inout Selected) throws {
    let (name, rest) = Self.split(text)
    let place = PluginPlace(parsing: rest)
    try selected.add(["--plugin", text] + (inProcess ? ["--in-process"] : limitWords)) {
      guard FileManager.default.fileExists(atPath: place.path) else {
        throw UserError(.notMeasured, "there is no plug-in \(place.path); check the path")
      }
      if let objection = MappedFile.objection(to: place.path) {
        throw UserError(.notMeasured, "the plug-in \(place.path) cannot be loaded: \(objection)")
      }
      if inProcess {
        return try InProcessPlugin(name: name, at: place, of: operations.asked)
      }
      return try Plugin.isolated(
        name: name, at: place, of: operations.asked, program: try Self.ownPath(),
        limits: limits(.plugin))
    }
  }

  private func addWorker(
    _ text: String, _ formats: [FloatFormat], to selected: inout Selected
  ) throws {
    let (name, command) = Self.splitCommand(text)
    guard command.contains(where: { !$0.isWhitespace }) else {
      throw UserError(.usage, "--worker \(text): name a command that starts a worker")
    }
    try selected.add(["--worker", text] + limitWords) {
      try WorkerImplementation(
        // The shell takes quotes and redirections apart and is gone then: the worker is the process
        // that was started.
        name: name, words: ["/bin/sh", "-c", "exec " + command], summary: "the worker \(command)",
        operation: operations.operation, limits: limits(.interpreter), formats: formats)
    }
  }

  private var pythonWords: [String] {
    (pythonExecutable.map { ["--python-executable", $0] } ?? []) + limitWords
  }

  private func addCallable(
    _ text: String, _ formats: [FloatFormat], quantized: [String: Quantization],
    to selected: inout Selected
  ) throws {
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
    let roles = quantized.sorted { $0.key < $1.key }
    let words =
      argument.flatMap { ["--argument", $0] }
      + roles.flatMap { ["--quantised", "\($0.key)=\($0.value.text)"] }
    // As the module quantized of our package reads it.
    let prefix = roles.map {
      "\($0.key)=\($0.value.scale.hexText),\($0.value.zeroPoint),\($0.value.type.rawValue)"
    }.joined(separator: ";")
    try selected.add(["--python", text] + words + pythonWords) {
      try (pythonExecutable.map(PythonHost.init(executable:)) ?? .usual)
        .implementation(
          name: name ?? ownName ?? callable,
          callable: roles.isEmpty ? callable : "quantised:\(prefix):\(callable)",
          of: operations.asked, arguments: argument,
          summary: "the Python callable \(callable)", limits: limits(.interpreter), formats: formats
        )
    }
  }

  /// The usual way of calling callables, which needs no word.
  fileprivate static let usualCall = "called with NumPy arrays, axis="

  private func addModel(
    _ text: String, _ formats: [FloatFormat], to selected: inout Selected
  ) throws {
    let (name, path) = Self.split(text)
    try selected.add(["--onnx", text] + pythonWords) {
      let (file, node) = Self.splitNode(path)
      guard FileManager.default.fileExists(atPath: file) else {
        throw UserError(.notMeasured, "there is no model \(file); check the path")
      }
      let fileName = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
      return try Self.libraryHost(pythonExecutable).implementation(
        name: name ?? fileName + (node.map { "#" + $0 } ?? ""), callable: "onnx:" + path,
        of: operations.operation, summary: "the ONNX model \(path)",
        limits: limits(.interpreter), formats: formats)
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
    if let executable { return PythonHost(executable: executable) }
    return PythonHost.ofLibraries(program: try ownPath())
  }

  private func addLibrary(
    _ pattern: String, _ formats: [FloatFormat], to selected: inout Selected
  ) throws {
    let host: PythonHost
    let all: [BundledLibrary]
    do {
      host = try Self.libraryHost(pythonExecutable)
      all = try BundledLibrary.all(in: host)
    } catch let error as UserError where error.kind == .notMeasured {
      selected.notMeasured.append("\(pattern): \(error.message)")
      return
    }
    let isGlob = Glob.isGlob(pattern)
    let offered = all.filter { $0.operation == operations.asked }
    let exact = offered.filter { $0.name == pattern && !isGlob }
    // A library that has no form of its own name, as numpy, is all its forms.
    let chosen =
      exact.isEmpty
      ? offered.filter { isGlob ? Glob.matches($0.name, pattern) : $0.library == pattern }
      : exact
    guard isGlob || !chosen.isEmpty else {
      let others = all.filter { $0.name == pattern || $0.library == pattern }
        .map(\.operation.name).uniqued()
      guard others.isEmpty else {
        throw UserError(
          .usage,
          "the library \(pattern) has no \(operations.asked) here, but \(others.joined(separator: ", "))"
        )
      }
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
        try library.implementation(
          in: host, limits: limits(.interpreter), formats: formats)
      }
    }
  }

  /// Takes a name off the front; a file whose name has an equals sign is still a file.
  fileprivate static func split(_ text: String) -> (name: String?, rest: String) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex,
      !FileManager.default.fileExists(atPath: text)
    else { return (nil, text) }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  /// Takes a name off the front of a command, whose own words may have equals signs: `A=1 program`
  /// has no name.
  private static func splitCommand(_ text: String) -> (name: String?, rest: String) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      return (nil, text)
    }
    let name = text[..<equals]
    let isVariable = name.allSatisfy { $0 == "_" || $0.isUppercase || $0.isNumber }
    guard !isVariable, !name.contains(where: { " \t/\"'-$&|<>;()".contains($0) }) else {
      return (nil, text)
    }
    return (String(name), String(text[text.index(after: equals)...]))
  }

  /// The path of this program, to be started again as a worker.
  private static func ownPath() throws -> String {
    // The system's answer comes from /proc, which may not be there.
    if let path = Bundle.main.executablePath, FileManager.default.fileExists(atPath: path) {
      return path
    }
    guard let word = ProgramArguments.all.first, !word.isEmpty else {
      throw UserError(
        .notMeasured, "the path of this program is unknown, so it cannot start workers of its own")
    }
    if word.contains("/") { return word }
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return folders.map { "\($0)/\(word)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) } ?? word
  }
}
