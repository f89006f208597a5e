import AuditRecords
import Basics
import Foundation

/// The findings of an inference, as JSON of schema `softmax-audit/inference/1`.
package enum InferenceJSON {
  /// The schema this program writes.
  package static let schema = "softmax-audit/inference/1"

  private struct Document: Encodable {
    var schema: String
    var command: String
    var seed: UInt64
    var findings: [InferenceFinding]
  }

  /// The document: keys sorted, indented.
  package static func encode(
    _ findings: [InferenceFinding], command: String, seed: UInt64
  ) throws -> Data {
    try DocumentJSON.encode(
      Document(schema: schema, command: command, seed: seed, findings: findings))
  }
}
