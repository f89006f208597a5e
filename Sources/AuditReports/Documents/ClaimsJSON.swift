import AuditRecords
import Basics
import Foundation

/// The judgement of published claims, as JSON of schema `softmax-audit/claims/1`.
package enum ClaimsJSON {
  /// The schema this program writes.
  package static let schema = "softmax-audit/claims/1"

  private struct Document: Encodable {
    var schema: String
    var tool: AuditResults.Tool
    var command: String
    var claims: [ClaimJudgement]
  }

  /// The document: keys sorted, indented.
  package static func encode(
    _ claims: [ClaimJudgement], tool: AuditResults.Tool, command: String
  ) throws -> Data {
    try DocumentJSON.encode(
      Document(schema: schema, tool: tool, command: command, claims: claims))
  }
}
