import Foundation

/// The words by which reasons tell of a call that brought no answer: a crash, a hang or a refusal.
package enum UnansweredCall {
  private static let opening = "a call brought no answer ("
  /// The end of reasons after several such calls.
  package static let givenUp = "the law was not tried further"

  /// The words that tell of such a call.
  package static func sentence(kind: String, explanation: String) -> String {
    "\(opening)\(kind)): \(explanation)"
  }

  /// The part of a reason that tells of such a call; nil where it tells of none.
  package static func sentence(in reason: String) -> String? {
    guard let start = reason.range(of: opening) else { return nil }
    let rest = reason[start.lowerBound...]
    return String(rest[..<(rest.range(of: "; \(givenUp)")?.lowerBound ?? rest.endIndex)])
  }
}
