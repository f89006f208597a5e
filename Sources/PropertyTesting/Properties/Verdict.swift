/// The verdict of a property on one value.
package enum Verdict: Hashable, Sendable {
  case passed
  /// The property does not hold. Failures of different kinds are different defects: shrinking a
  /// failure never ends at one of another kind.
  case failed(reason: String, kind: String = "")
  /// The property does not apply to the value.
  case discarded(reason: String)

  /// Passed where the condition holds, else failed for the given reason.
  package static func require(
    _ condition: Bool, _ reason: @autoclosure () -> String, kind: String = ""
  ) -> Verdict {
    condition ? .passed : .failed(reason: reason(), kind: kind)
  }

  /// The kind of a failure, nil for all else.
  var failureKind: String? {
    if case .failed(_, let kind) = self { kind } else { nil }
  }
}
