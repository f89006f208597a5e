import AuditedOperations
import FloatFormats

/// The evidence of a run: one JSON document of schema `softmax-audit/evidence/1`.
///
/// Every maximum has all that is needed to compute its error again: `scripts/recheck` does, with
/// integers and without this program. In it are no floating-point numbers: numbers are hexadecimal
/// texts, or integers.
package struct EvidenceDocument: Codable, Sendable, Equatable {
  /// The schema this program writes.
  package static let currentSchema = "softmax-audit/evidence/1"

  package var schema: String
  package var tool: AuditResults.Tool
  /// The command line that made the results, without the program's path.
  package var command: String
  /// The seed of the families; nil where no lane is of one.
  package var seed: UInt64?
  package var oracle: AuditResults.Oracle
  /// The lanes of the maxima, each once.
  package var lanes: [EvidenceLane] = []
  package var maxima: [EvidencedMaximum] = []
  package var withoutEvidence: [MaximumWithoutEvidence] = []

  /// A document without maxima.
  package init(
    tool: AuditResults.Tool, command: String, seed: UInt64?, oracle: AuditResults.Oracle
  ) {
    schema = Self.currentSchema
    self.tool = tool
    self.command = command
    self.seed = seed
    self.oracle = oracle
  }
}

/// A maximum that no evidence could be made of.
package struct MaximumWithoutEvidence: Codable, Sendable, Equatable {
  package var figure: EvidencedFigure
  package var implementation: String
  package var inputFormat: FloatFormat
  package var outputFormat: FloatFormat
  package var operation: AuditedOperation
  package var origin: String
  package var length: Int
  /// The reason, as a clause.
  package var reason: String

  package init(_ maximum: ClaimedMaximum, because reason: String) {
    figure = maximum.figure
    implementation = maximum.scope.implementation
    inputFormat = maximum.scope.input
    outputFormat = maximum.scope.output
    operation = maximum.scope.operation
    origin = maximum.origin
    length = maximum.length
    self.reason = reason
  }
}
