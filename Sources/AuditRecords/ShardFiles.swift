import AuditedOperations
import Basics
import Foundation

/// The documents of shards, put together, and the reasons that keep them from being shards of one
/// run.
package enum ShardFiles {
  /// A refusal of a file, by its name.
  package static func refuse(_ name: String, _ reason: String) -> UserError {
    UserError(.malformedInput, "\(name) \(reason)")
  }

  /// The documents by the number of their shard.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where a file is no shard, is there twice or
  ///   is of another division; of kind `notMeasured` where shards are missing.
  package static func sorted<Document>(
    _ parts: [(name: String, shard: (index: Int, count: Int)?, document: Document)]
  ) throws -> [(name: String, document: Document)] {
    var byIndex: [Int: (name: String, document: Document)] = [:]
    var count: Int?
    for part in parts {
      guard let shard = part.shard else {
        throw refuse(part.name, "is no shard: it was written without --shard")
      }
      guard (1...Shard.greatestCount).contains(shard.count), (1...shard.count).contains(shard.index)
      else {
        throw refuse(part.name, "says that it is shard \(shard.index) of \(shard.count)")
      }
      if let count, count != shard.count {
        throw refuse(
          part.name, "is one of \(shard.count) shards, \(parts[0].name) is one of \(count)")
      }
      count = shard.count
      if let other = byIndex[shard.index] {
        throw refuse(part.name, "is shard \(shard.index) again; \(other.name) is it already")
      }
      byIndex[shard.index] = (part.name, part.document)
    }
    let missing = (1...(count ?? 1)).filter { byIndex[$0] == nil }
    guard missing.isEmpty else {
      let shown = missing.prefix(8).map { "\($0)/\(count ?? 1)" }.joined(separator: ", ")
      let list = missing.count > 8 ? shown + " and \(missing.count - 8) more" : shown
      throw UserError(.notMeasured, "shard \(list) is missing; name the files of all shards")
    }
    return byIndex.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Makes sure that a document belongs to the same run as the first one.
  package static func expectSame<Value: Equatable>(
    _ what: String, _ value: Value, _ first: Value, in name: String, and firstName: String
  ) throws {
    guard value == first else {
      throw refuse(
        name, "belongs to another run than \(firstName): the \(what) is \(value), not \(first)")
    }
  }

  /// Makes sure that results come from the same program, library of the oracle and implementations
  /// as the first ones.
  ///
  /// Another processor is no reason to refuse them: figures of another machine are figures of these
  /// implementations, and the environments tell.
  package static func expectSameOrigin(
    _ results: AuditResults, of name: String, as first: AuditResults, of firstName: String
  ) throws {
    try expectSame("version", results.tool.version, first.tool.version, in: name, and: firstName)
    try expectSame("seed", results.seed, first.seed, in: name, and: firstName)
    try expectSameImplementations(
      (results.oracle, results.environment), of: name, as: (first.oracle, first.environment),
      of: firstName)
  }

  /// Makes sure that the files of implementations and the library of the oracle are the same.
  package static func expectSameImplementations(
    _ origin: (oracle: AuditResults.Oracle, environment: AuditResults.Environment),
    of name: String,
    as first: (oracle: AuditResults.Oracle, environment: AuditResults.Environment),
    of firstName: String
  ) throws {
    try expectSame(
      "library of the oracle", origin.oracle.library, first.oracle.library, in: name,
      and: firstName)
    let known = first.environment.implementations ?? [:]
    let implementations = (origin.environment.implementations ?? [:]).sorted { $0.key < $1.key }
    for (implementation, facts) in implementations {
      guard let digest = known[implementation]?[FileDigest.key], let own = facts[FileDigest.key]
      else { continue }
      let file = facts[FileDigest.fileKey] ?? implementation
      try expectSame(
        "SHA-256 of \(implementation) (\(file))", own, digest, in: name, and: firstName)
    }
  }

  /// The environments of parts where they differ in more than threads and memory; nil where all are
  /// the same.
  package static func environments(of parts: [AuditResults]) -> [AuditResults.Environment]? {
    var different: [AuditResults.Environment] = []
    for environment in parts.flatMap({ $0.environments ?? [$0.environment] }) {
      let isKnown = different.contains { essence(of: $0) == essence(of: environment) }
      if !isKnown { different.append(environment) }
    }
    return different.count > 1 ? different : nil
  }

  /// The part of an environment that figures may depend on.
  private static func essence(of environment: AuditResults.Environment) -> AuditResults.Environment
  {
    var essence = environment
    essence.threads = 1
    essence.implementations = environment.lastingFacts
    return essence
  }

  /// A command line without its shard.
  package static func whole(_ command: String) -> String {
    command.replacing(#/ --shard[= ][0-9]+/[0-9]+/#, with: "")
  }
}
