import AuditedOperations

/// The figure that a search makes as large as it can.
package enum SearchObjective: String, Sendable, Hashable, Codable, CaseIterable {
  /// The error in ULP where the exact value is normal.
  case ulp
  /// The error as a part of the a-priori bound.
  case bound
  /// The scaled error.
  case scaled

  /// The objective where none is asked for: the leading figure of an operation.
  package static func usual(for operation: AuditedOperation) -> SearchObjective {
    operation == .softmax ? .ulp : .scaled
  }
}
