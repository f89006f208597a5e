/// The exit statuses of the program.
package enum ExitStatus: Int32, CaseIterable, Sendable {
  /// Something was measured, and it fails.
  case failed = 1
  /// Something asked for was not measured.
  case notMeasured = 2
  /// A mistake on the command line.
  case usage = 64
  /// A malformed input file or policy.
  case malformedInput = 65
  /// A fault of this program.
  case internalError = 70
  /// An output that cannot be written.
  case cannotWrite = 73

  /// The statuses in the order in which they count: where several apply, the first is that of the
  /// run.
  private static let precedence: [ExitStatus] = [
    .internalError, .malformedInput, .usage, .cannotWrite, .failed, .notMeasured,
  ]

  /// The status of a run to which all of these apply; `nil` for none.
  package static func first(of statuses: Set<ExitStatus>) -> ExitStatus? {
    precedence.first(where: statuses.contains)
  }
}

extension UserError {
  /// The exit status for the mistake.
  package var status: ExitStatus {
    switch kind {
    case .usage: .usage
    case .malformedInput: .malformedInput
    case .cannotWrite: .cannotWrite
    case .notMeasured: .notMeasured
    }
  }
}
