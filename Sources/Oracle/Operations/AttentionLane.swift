import AuditedOperations
import Synchronization

/// A row of attention and one of its outputs, as the oracle sees them.
///
/// The exact scores are made when somebody asks for them, once.
package final class AttentionLane: Sendable {
  package let row: AttentionRow
  package let part: AttentionPart
  private let known = Mutex<AttentionScores?>(nil)

  package init(_ row: AttentionRow, _ part: AttentionPart) {
    self.row = row
    self.part = part
  }

  var scores: AttentionScores {
    known.withLock { known in
      if let known { return known }
      let made = AttentionScores(row)
      known = made
      return made
    }
  }

  /// The number of outputs.
  var outputCount: Int { part == .output ? row.head.valueDimension : 1 }

  /// The modified scores in binary64, -inf for keys that are hidden, for people to read.
  package var approximateScores: [Double] {
    var result = [Double](repeating: -.infinity, count: row.head.count)
    for (term, keys) in zip(scores.terms, scores.members) {
      for key in keys { result[key] = term.approximate }
    }
    return result
  }
}
