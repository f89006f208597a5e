/// All that decides what a run measures, as far as a machine can tell before the run begins.
///
/// Two machines with the same subject do parts of the same run.
package struct RunSubject: Codable, Sendable, Equatable {
  package var tool: AuditResults.Tool
  /// The library of the oracle and its version.
  package var library: String
  /// The words of the command line, without the program.
  package var command: [String]
  /// The seed of a run that draws numbers; nil for one that draws none.
  package var seed: UInt64?
  /// The facts that tell one build of an implementation from outside from another, by its name: the
  /// SHA-256 of its file, versions of libraries.
  package var implementations: [String: [String: String]]
  /// SHA-256 of the outputs for some fixed lanes, by implementation and format: what processors and
  /// mathematical libraries may change where files are the same.
  ///
  /// An implementation that does not answer, or answers differently from call to call, has none.
  package var answers: [String: String]
  /// The things that are measured, a sentence each.
  package var domain: [String]
  /// SHA-256 of all that the command line came to: cells, laws, domains, logits that were read.
  package var digest: String
  /// The number of parts that shards share out: cells, laws, islands or blocks.
  package var parts: Int
  /// The things asked for that cannot be measured, a sentence each.
  package var notMeasured: [String]

  package init(
    tool: AuditResults.Tool, library: String, command: [String], seed: UInt64?,
    implementations: [String: [String: String]], answers: [String: String], domain: [String],
    digest: String, parts: Int, notMeasured: [String]
  ) {
    self.tool = tool
    self.library = library
    self.command = command
    self.seed = seed
    self.implementations = implementations
    self.answers = answers
    self.domain = domain
    self.digest = digest
    self.parts = parts
    self.notMeasured = notMeasured
  }
}
