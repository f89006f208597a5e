/// Keeps failures from one run for the next.
///
/// A failing case is recorded before shrinking starts and after each step of it, so that an
/// interrupted run loses nothing. Where and how cases are kept is the store's affair.
package protocol FailureStore<Value>: Sendable {
  associatedtype Value: Sendable

  /// The cases kept for a property, in the order in which they are to be tried.
  func cases(of property: String) -> [StoredCase<Value>]

  /// Keeps a failing case.
  func record(_ witness: Witness<Value>, of property: String, stage: FailureStage)
}

/// A case from an earlier run.
///
/// Choices can be shrunk, values survive a change of the generator; a careful store keeps both.
package enum StoredCase<Value: Sendable>: Sendable {
  case choices([ChoiceValue])
  case value(Value)
}

/// The stage of the run that a recorded failure belongs to.
package enum FailureStage: String, Sendable {
  /// As it was found.
  case found
  /// Simpler than the last, not yet the simplest.
  case shrinking
  case simplest
  case worst
  /// The simplest that scores a good share of the worst.
  case severe
}

/// A store that keeps nothing.
package struct NoFailureStore<Value: Sendable>: FailureStore {
  package init() {}
  package func cases(of property: String) -> [StoredCase<Value>] { [] }
  package func record(_ witness: Witness<Value>, of property: String, stage: FailureStage) {}
}
