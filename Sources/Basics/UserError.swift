/// A mistake of the person who runs the tool, with the exit status that says so.
///
/// The message says what was wrong, where, and what to do, in one sentence. Our own faults are not
/// user errors: they are ``InternalError`` or a failed precondition.
public struct UserError: Error, Sendable, Equatable {
  /// The kind of mistake, after the exit statuses of the design page.
  public enum Kind: Sendable, Equatable {
    /// Something on the command line: exit status 64.
    case usage
    /// A file or its content: exit status 65.
    case malformedInput
    /// A place that cannot be written: exit status 73.
    case cannotWrite
    /// Something asked for could not be measured: exit status 2.
    case notMeasured
  }

  public let kind: Kind
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// A fault of this program.
public struct InternalError: Error, Sendable, Equatable {
  public let message: String
  public init(_ message: String) { self.message = message }
}
