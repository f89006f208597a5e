/// The end of a run: all that is wrong, in sentences, and the exit status that says so.
package struct RunOutcome: Sendable {
  /// The things that fail, a sentence each.
  package private(set) var failures: [String]
  /// The things asked for that were not measured, a sentence each.
  package private(set) var notMeasured: [String]
  private var mistakes: [UserError]
  private var faults: [InternalError] = []
  /// The statuses for findings that need no sentence here.
  private var silent = Set<ExitStatus>()

  package init(
    failures: [String] = [], notMeasured: [String] = [], mistakes: [UserError] = []
  ) {
    self.failures = failures
    self.notMeasured = notMeasured
    self.mistakes = mistakes
  }

  /// The end of a run that a fault of this program cuts off.
  package init(_ fault: InternalError) {
    self.init()
    faults = [fault]
  }

  /// Takes note of something that fails.
  package mutating func add(failure sentence: String) { failures.append(sentence) }

  /// Takes note of something asked for that was not measured.
  package mutating func add(notMeasured sentence: String) { notMeasured.append(sentence) }

  /// Takes note of mistakes of the user that did not keep the rest from being measured.
  package mutating func add(_ mistakes: [UserError]) { self.mistakes += mistakes }

  /// Takes note of a status whose reason the report of the run shows.
  package mutating func add(_ status: ExitStatus, if applies: Bool = true) {
    if applies { silent.insert(status) }
  }

  /// The exit status; `nil` where all that was asked for was measured and nothing is wrong.
  package var status: ExitStatus? {
    var statuses = silent.union(mistakes.map(\.status))
    if !failures.isEmpty { statuses.insert(.failed) }
    if !notMeasured.isEmpty { statuses.insert(.notMeasured) }
    if !faults.isEmpty { statuses.insert(.internalError) }
    return ExitStatus.first(of: statuses)
  }

  /// The last lines that the user reads.
  ///
  /// - Parameter isQuiet: Whether findings are left to the exit status; mistakes and faults are
  ///   always told.
  package func lines(quietly isQuiet: Bool) -> [String] {
    let findings =
      failures.map { "failed: \($0)" } + notMeasured.map { "not measured: \($0)" }
    return (isQuiet ? [] : findings) + mistakes.map { "error: \($0.message)" }
      + faults.map {
        "internal error: \($0.message). This is a fault of softmax-audit; please report it."
      }
  }
}
