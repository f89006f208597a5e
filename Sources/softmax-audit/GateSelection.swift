import AuditedOperations
import Basics
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
      : try options.select(in: policy.formats, mayMix: true, takesAttention: true)
    notMeasured = selected.notMeasured
    implementations = selected.implementations
    // Who names built-in ones has chosen.
    guard options.implementation.isEmpty, !isPartial else { return }
    let outsiders = implementations.map(\.name)
    let operations = options.operations.operation.map { [$0] } ?? AuditedOperation.everyOne
    let needed = policy.builtIns(
      of: operations, usually: options.operations.asked, beside: namesNothing ? nil : outsiders)
    implementations = needed + implementations
  }

  /// Says how implementations are called that can be called in more than one way.
  func sayHowCalled(quietly isQuiet: Bool) { selected.sayHowCalled(quietly: isQuiet) }

  /// The words of a command line that select one implementation.
  func words(for name: String) -> [String] { selected.words(for: name) }
}
