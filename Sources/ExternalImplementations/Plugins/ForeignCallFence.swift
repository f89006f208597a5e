import CForeignCalls

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Calls code from outside, and puts back what it may have changed for all of this process.
///
/// Every function of a library is called through a fence, not its softmax alone: loading,
/// describing and the words about an error can change the floating-point environment just as well.
struct ForeignCallFence: Sendable {
  /// The purpose of this process.
  enum Place: Sendable {
    /// It serves one library, and may end with it.
    case worker
    /// It measures, judges and prints too: the locale decides how numbers are printed, and it must
    /// not end in silence.
    case host
  }

  let place: Place

  /// Does something under standard settings and puts the present ones back, whatever it does to
  /// them.
  ///
  /// - Returns: The result, and what became of the floating-point settings; nil where they were
  ///   kept.
  func call<Result>(_ work: () -> Result) -> (Result, change: String?) {
    guard place == .host else { return FloatingPointEnvironment.fenced(work) }
    softmax_audit_begin_foreign_call()
    defer { softmax_audit_end_foreign_call() }
    return FloatingPointEnvironment.fenced(work)
  }
}
