/// The head that all documents of results have in common: what made them, from what, and where.
package struct ResultsHead: Sendable {
  package var tool: AuditResults.Tool
  /// The command line, without the program's path.
  package var command: String
  package var oracle: AuditResults.Oracle
  package var environment: AuditResults.Environment

  package init(
    tool: AuditResults.Tool, command: String, oracle: AuditResults.Oracle,
    environment: AuditResults.Environment
  ) {
    self.tool = tool
    self.command = command
    self.oracle = oracle
    self.environment = environment
  }
}
