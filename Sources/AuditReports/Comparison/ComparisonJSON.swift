import Basics
import Foundation

/// A comparison as JSON.
package enum ComparisonJSON {
  /// The document: keys sorted, one line for every change.
  package static func encode(_ comparison: ResultsComparison) throws -> Data {
    var head = comparison
    head.changes = []
    return try DocumentJSON.encode(head, rows: comparison.changes, key: "changes")
  }
}
