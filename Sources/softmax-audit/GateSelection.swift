import AuditedOperations
import Basics
import FloatFormats
import Policies
import SoftmaxVariants

/// The implementations that a gate measures: those of the options, and the built-in ones that the
/// policy needs besides.
struct GateSelection: Sendable {
  private(set) var implementations: [any SoftmaxImplementation] = []
  /// The things that cannot be loaded, one sentence each.
  let notMeasured: [String]
  private let selected: ImplementationOptions.Selected

  /// - Parameter isPartial: Whether those of the options are all.
  /// - Throws: ``Mistakes``, all that there are.
  init(_ options: ImplementationOptions, _ policy: Policy, isPartial: Bool = false) throws {
    let namesNothing = options.isEmptyBesideOperation
    selected =
      namesNothing
      ? ImplementationOptions.Selected()
      : try options.select(in: Self.formats(policy), mayMix: true)
    notMeasured = selected.notMeasured
    implementations = selected.implementations
    // Who names built-in ones has chosen.
    guard options.implementation.isEmpty, !isPartial else { return }
    let outsiders = implementations.map(\.name)
    let operations = options.operations.operation.map { [$0] } ?? AuditedOperation.all
    let builtIns = operations.flatMap { BuiltInImplementation.all(of: $0) }
    let needed = builtIns.filter { builtIn in
      policy.rules.contains { rule in
        // What a rule does not mention is the operation of the run.
        let isOfOperation =
          rule.selector.operations.isEmpty
          ? builtIn.operation == options.operations.asked
          : rule.selector.operations.contains {
            Glob.matches(builtIn.operation.name, $0)
          }
        guard rule.judges, isOfOperation,
          rule.selector.formats.isEmpty
            || builtIn.formats.contains(where: rule.selector.formats.contains)
        else { return false }
        let patterns = rule.selector.implementations
        guard !patterns.isEmpty else { return outsiders.isEmpty && namesNothing }
        return patterns.contains { pattern in
          PolicySelector.names(pattern, builtIn.name)
            && (namesNothing || !outsiders.contains { PolicySelector.names(pattern, $0) })
        }
      }
    }
    implementations = needed + implementations
  }

  /// The input formats that rules speak of; all where one leaves them open.
  private static func formats(_ policy: Policy) -> [FloatFormat] {
    let named = policy.rules.map(\.selector.formats)
    return FloatFormat.allCases.filter { format in
      named.isEmpty || named.contains { $0.isEmpty || $0.contains(format) }
    }
  }

  /// Says how implementations are called that can be called in more than one way.
  func sayHowCalled(quietly isQuiet: Bool) { selected.sayHowCalled(quietly: isQuiet) }

  /// The words of a command line that select one implementation.
  func words(for name: String) -> [String] { selected.words(for: name) }
}
