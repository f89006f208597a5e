import Basics

/// Limits on the magnitude of the finite logits that implementations are asked about.
package enum LogitLimit {
  /// The least limit: laws use logits of up to 16 to tell lanes apart.
  package static let least = 16.0

  /// - Throws: ``UserError`` of kind `usage` for a limit that leaves nothing to tell a softmax by.
  package static func check(_ limit: Double?) throws(UserError) {
    guard let limit else { return }
    guard limit >= least, limit < .infinity else {
      throw UserError(.usage, "--largest-logit \(limit): use a finite number of at least 16")
    }
  }

  /// A sentence on logits that are not asked about.
  package static func notAsked(_ largestLogit: Double, leftOut names: [String]) -> String {
    "not asked: logits beyond \(Int(exactly: largestLogit).map { "\($0)" } ?? "\(largestLogit)")"
      + (names.isEmpty
        ? "" : "; lanes that have them are left out of \(names.joined(separator: ", "))")
  }
}
