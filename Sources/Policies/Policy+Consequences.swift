import AuditRecords
import AuditedOperations
import Basics

extension Policy {
  /// Whether a budget on rows of an operation limits a figure that is measured only where it is
  /// asked for.
  func budgetsConsequences(of operation: AuditedOperation) -> Bool {
    rules.contains { rule in
      let names = rule.selector.operations
      return (names.isEmpty || names.contains { Glob.matches(operation.name, $0) })
        && rule.budgets.contains { $0.figure.descriptor?.isOnRequest(of: operation) ?? false }
    }
  }
}
