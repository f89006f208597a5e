import ArgumentParser
import AuditRecords
import AuditedOperations
import Audits
import Basics
import ExternalImplementations
import FloatFormats
import Laws
import LogitFamilies
import SoftmaxVariants

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Shows what there is to audit.",
    usage: "softmax-audit list [<options>]",
    discussion:
      """
      Operations. Implementations of one, families of logits, laws, tolerances and Python \
      libraries, each with a line on what it is. Tolerances and combined models are those of softmax.
      """
  )

  @OptionGroup
  var operationChoice: OperationOptions

  @Flag(name: .long, help: "Only the operations (--operation).")
  var operations = false

  @Flag(name: .long, help: "Only the implementations.")
  var implementations = false

  @Flag(name: .long, help: "Only the models that can be declared (--declare).")
  var models = false

  @Flag(name: .long, help: "Only the families of inputs.")
  var families = false

  @Flag(name: .long, help: "Only the laws.")
  var laws = false

  @Flag(name: .long, help: "Only the tolerances in use elsewhere (audit --elsewhere).")
  var tolerances = false

  @Flag(name: .long, help: "Only the Python libraries, and which of them are installed.")
  var libraries = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The Python that libraries are looked for in (default: what SOFTMAX_AUDIT_PYTHON names, else that of "
        + "scripts/setup-libraries where there is one, else python3).",
      valueName: "path"))
  var pythonExecutable: String?

  func run() throws {
    let operation = operationChoice.asked
    let narrows =
      operations || implementations || models || families || laws || libraries || tolerances
    let isOfOther = operation != .softmax
    for (command, flag) in [(NarrowCommand.models, models), (.tolerances, tolerances)] where flag {
      if let refusal = command.refusal(of: operation) { throw UserError(.usage, refusal) }
    }
    // Of another operation, its variants: all else there is, is there for softmax.
    let all = !narrows && !isOfOther
    if operations || all {
      try Console.print(
        "Operations, with x the logits of a lane, m the largest, s = sum e^(x - m)\n\n")
      let width = AuditedOperation.all.map(\.name.count).max() ?? 0
      for operation in AuditedOperation.all {
        try Console.print("  \(operation.name.padded(to: width))  \(operation.formula)\n")
      }
      if all { try Console.print("\n") }
    }
    if implementations || all || isOfOther && !narrows {
      let builtIns = BuiltInImplementation.all(of: operation)
      let of = isOfOther ? " of \(operation)" : ""
      let names =
        operation == .attention
        ? "attention/order, with /exp2, /deferred and /p-format of the weights"
        : "algorithm/summation, or algorithm/summation/computing-format"
      try Console.print("Implementations\(of): \(names)\n\n")
      let width = builtIns.map(\.name.count).max() ?? 0
      for implementation in builtIns {
        // What is asked for by name alone is in the manual.
        let formats = implementation.formats.filter { !$0.isOfEightBits }.map(\.rawValue)
          .joined(separator: " ")
        try Console.print("  \(implementation.name.padded(to: width))  \(formats)\n")
      }
      try Console.print("\nAlgorithms\n\n")
      var seen = Set<String>()
      for implementation in builtIns
      where seen.insert(implementation.algorithmName).inserted {
        try Console.print(
          "  \(implementation.algorithmName)\n      \(implementation.summary)\n      \(implementation.source)\n"
        )
      }
      if all { try Console.print("\n") }
    }
    if models || all {
      try listModels()
      if all { try Console.print("\n") }
    }
    if families || all {
      let own = AuditPlan.families(of: operation)
      try Console.print(
        operation == .attention
          ? "Families of queries, keys and values\n\n" : "Families of logits\n\n")
      let width = own.map(\.name.count).max() ?? 0
      for family in own {
        try Console.print("  \(family.name.padded(to: width))  \(family.purpose)\n")
      }
      if all { try Console.print("\n") }
    }
    if laws || all {
      let own = Law.all.filter { $0.operations.contains(operation) }
      for grade in LawGrade.allCases {
        let graded = own.filter { $0.grade == grade }
        guard !graded.isEmpty else { continue }
        try Console.print("\(grade.heading(of: operation))\n\n")
        let width = own.map(\.name.count).max() ?? 0
        for law in graded {
          try Console.print("  \(law.name.padded(to: width))  \(law.statement(of: operation))\n")
        }
        try Console.print("\n")
      }
    }
    if tolerances || all { try listTolerances() }
    if libraries || all { try listLibraries() }
  }

  private func listModels() throws {
    try Console.print(
      """
      Models to declare: algorithm[/summation][/computing-format]

        summation         \(Summation.allCases.map(\.rawValue).joined(separator: ", "))
        computing-format  float32, for logits of 16 bits; else the format of the logits
        algorithm         a built-in one, or max-trick or online with any of
                          the following; built-in ones: list --implementations
                          +exp2        exponentials as exp2 of a product with log2 e
                          +reciprocal  a product with 1/s in place of the division
                          +log         exp((x - m) - log s) in place of the division


      """)
    var seen = Set<String>()
    for variant in SoftmaxVariant.combinations where seen.insert(variant.algorithmName).inserted {
      try Console.print("  \(variant.algorithmName)\n      \(variant.formula)\n")
    }
  }

  private func listTolerances() throws {
    try Console.print("Tolerances in use elsewhere (y: the output, p: the exact value)\n\n")
    for tolerance in ToleranceInUse.all {
      try Console.print(
        "  \(tolerance.name)\n      \(tolerance.formula)\n      \(tolerance.source)\n")
    }
    if !tolerances { try Console.print("\n") }
  }

  private func listLibraries() throws {
    try Console.print("Python libraries and recipes\n\n")
    do {
      let all = try BundledLibrary.all(in: ImplementationOptions.libraryHost(pythonExecutable))
        .filter { $0.operation == operationChoice.asked }
      let width = all.map(\.name.count).max() ?? 0
      for library in all {
        let state =
          library.isInstalled
          ? library.packages.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value ?? "")" }
            .joined(separator: ", ") : "not installed"
        try Console.print(
          "  \(library.name.padded(to: width))  \(library.summary)\n"
            + "  \(String(repeating: " ", count: width))  \(state)\n")
      }
    } catch let error as UserError where error.kind == .notMeasured {
      try Console.print("  not known: \(error.message)\n")
    }
  }
}

extension String {
  /// The text with spaces after it, to a width.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

extension LawGrade {
  /// The meaning of a grade of laws, as a heading.
  fileprivate func heading(of operation: AuditedOperation) -> String {
    switch self {
    case .required: "Laws that every \(operation) must keep"
    case .consistency: "Laws kept bit for bit, unless waived with a reason"
    case .promised: "Laws kept bit for bit where promised, else within tolerance"
    case .informative: "Laws for information"
    }
  }
}
