/// The moment at which a whole run has to end; what is left then is not measured.
///
/// It belongs to the task of a run and to all that it starts. Pieces of work look at it before they
/// begin and are not cut in the middle, so that what is measured is the same as without a deadline.
package struct RunDeadline: Sendable {
  private let end: ContinuousClock.Instant
  private let seconds: Double

  /// A deadline so many seconds from now.
  package init(seconds: Double) {
    end = ContinuousClock().now + .seconds(seconds)
    self.seconds = seconds
  }

  @TaskLocal package static var current: RunDeadline?

  /// The reason why nothing more is begun, in words; `nil` while there is time.
  package static var objection: String? {
    guard let current, ContinuousClock().now >= current.end else { return nil }
    return "the \(current.seconds) s of --total-time were over"
  }
}
