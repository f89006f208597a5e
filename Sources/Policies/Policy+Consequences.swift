import AuditRecords

extension Policy {
  /// Whether a budget limits a figure that is measured only where it is asked for.
  var budgetsConsequences: Bool {
    rules.contains { rule in
      rule.budgets.contains { $0.figure.descriptor?.isOnRequest ?? false }
    }
  }
}
