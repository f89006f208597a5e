/// The time and the memory that a worker may take.
package struct WorkerLimits: Sendable {
  /// Seconds for a call.
  package var call: Double
  /// Seconds from the start of the process until the implementation is loaded.
  package var load: Double
  /// Seconds for the first answer in a format, which compiles and loads what calls need.
  package var firstAnswer: Double
  /// Bytes that a worker may have in use, with all that it started; nil for what the machine can
  /// spare.
  package var memory: Int?

  /// The program that a worker runs in, which decides how long it takes until the implementation
  /// itself has its turn.
  package enum Kind: Sendable {
    /// This program, with a plug-in.
    case plugin
    /// An interpreter with its packages, or a program that we know nothing of.
    case interpreter

    /// Seconds that a start is given however short the limit is: they are not the implementation's.
    fileprivate var leastLoad: Double { self == .plugin ? 3 : 10 }
  }

  /// Seconds for a call where the user names none.
  package static let defaultCall: Double = 5

  /// The limits that follow from the user's own.
  ///
  /// - Parameter seconds: What the user allows each call and the loading; nil for 5 s a call, and a
  ///   minute for loading and for the first answer in a format.
  package init(_ kind: Kind, seconds: Double?, memory: Int? = nil) {
    call = seconds ?? Self.defaultCall
    firstAnswer = seconds ?? 60
    load = max(seconds ?? 60, kind.leastLoad)
    self.memory = memory
  }
}
