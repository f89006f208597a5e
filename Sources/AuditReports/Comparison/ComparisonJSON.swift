import Basics
import Foundation

/// A comparison as JSON.
package enum ComparisonJSON {
  /// The document: keys sorted, one line for every change.
  package static func encode(_ comparison: ResultsComparison) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var head = comparison
    head.changes = []
    let changes = try comparison.changes.map {
      String(decoding: try encoder.encode($0), as: UTF8.self)
    }
    let body = changes.isEmpty ? "[]" : "[\n" + changes.joined(separator: ",\n") + "\n]"
    let text = String(decoding: try encoder.encode(head), as: UTF8.self)
    // The marker stands once: inside texts its quotation marks are escaped.
    guard let range = text.range(of: "\"changes\":[]") else {
      throw InternalError("the comparison has no place for its changes")
    }
    return Data((text.replacingCharacters(in: range, with: "\"changes\":" + body) + "\n").utf8)
  }
}
