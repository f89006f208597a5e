import AuditRecords
import Audits
import Basics
import FloatFormats
import Foundation
import Hunts
import SoftmaxVariants

/// Puts the documents of shards together, and says what keeps them from being shards of one run.
enum ShardFiles {
  static func refuse(_ name: String, _ reason: String) -> UserError {
    UserError(.malformedInput, "\(name) \(reason)")
  }

  /// The documents by the number of their shard.
  ///
  /// - Throws: ``UserError`` of kind `malformedInput` where a file is no shard, is there twice or is of another division;
  ///   of kind `notMeasured` where shards are missing.
  static func sorted<Document>(
    _ parts: [(name: String, shard: (index: Int, count: Int)?, document: Document)]
  ) throws -> [(name: String, document: Document)] {
    var byIndex: [Int: (name: String, document: Document)] = [:]
    var count: Int?
    for part in parts {
      guard let shard = part.shard else {
        throw refuse(part.name, "is no shard: it was written without --shard")
      }
      guard (1...1_000_000).contains(shard.count), (1...shard.count).contains(shard.index) else {
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
  private static func expectSame<Value: Equatable>(
    _ what: String, _ value: Value, _ first: Value, in name: String, and firstName: String
  ) throws {
    guard value == first else {
      throw refuse(
        name, "belongs to another run than \(firstName): the \(what) is \(value), not \(first)")
    }
  }

  /// Makes sure that results come from the same program, library of the oracle and implementations as the first ones.
  ///
  /// Another processor is no reason to refuse them: figures of another machine are figures of these implementations, and
  /// the environments tell.
  static func expectSameOrigin(
    _ results: AuditResults, of name: String, as first: AuditResults, of firstName: String
  ) throws {
    try expectSame("version", results.tool.version, first.tool.version, in: name, and: firstName)
    try expectSame("seed", results.seed, first.seed, in: name, and: firstName)
    try expectSameImplementations(
      (results.oracle, results.environment), of: name, as: (first.oracle, first.environment),
      of: firstName)
  }

  /// Makes sure that the files of implementations and the library of the oracle are the same.
  private static func expectSameImplementations(
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

  /// The environments of parts where they differ in more than threads and memory; nil where all are the same.
  static func environments(of parts: [AuditResults]) -> [AuditResults.Environment]? {
    var different: [AuditResults.Environment] = []
    for environment in parts.flatMap({ $0.environments ?? [$0.environment] }) {
      let isKnown = different.contains { essence(of: $0) == essence(of: environment) }
      if !isKnown { different.append(environment) }
    }
    return different.count > 1 ? different : nil
  }

  /// What figures may depend on of an environment.
  private static func essence(of environment: AuditResults.Environment) -> AuditResults.Environment
  {
    var essence = environment
    essence.threads = 1
    essence.implementations = environment.lastingFacts
    return essence
  }

  /// A command line without its shard.
  private static func whole(_ command: String) -> String {
    command.replacing(#/ --shard[= ][0-9]+/[0-9]+/#, with: "")
  }

  // MARK: Audits and checks

  static func merge(_ parts: [(name: String, results: AuditResults)]) throws -> AuditResults {
    let (firstName, first) = parts[0]
    var accuracy: [(place: Int, row: AccuracyRow)] = []
    var properties: [(place: Int, row: PropertyRow)] = []
    for (name, results) in parts {
      guard let note = results.shard else { continue }
      try expectSameOrigin(results, of: name, as: first, of: firstName)
      try expectSame("oracle", results.oracle.tier, first.oracle.tier, in: name, and: firstName)
      guard results.judging == first.judging else {
        throw UserError(
          .malformedInput,
          "\(name) was judged in another way than \(firstName); run both with the same options")
      }
      try expectSame("plan", note.plan, first.shard?.plan ?? "", in: name, and: firstName)
      guard results.accuracy.isEmpty || results.properties.isEmpty,
        note.places.count == results.accuracy.count + results.properties.count
      else {
        throw refuse(name, "is damaged: it has not one place for each of its rows")
      }
      accuracy += zip(note.places, results.accuracy).map { (place: $0, row: $1) }
      properties += zip(note.places, results.properties).map { (place: $0, row: $1) }
    }
    let places = (accuracy.map(\.place) + properties.map(\.place)).sorted()
    guard places == Array(0..<places.count) else {
      let twice = zip(places, places.dropFirst()).first { $0 == $1 }
      throw refuse(
        firstName,
        twice.map { "and the others overlap: both have row \($0.0)" }
          ?? "and the others are damaged: together they do not have every row")
    }
    var whole = first
    whole.shard = nil
    whole.command = Self.whole(first.command)
    whole.environments = environments(of: parts.map(\.results))
    whole.accuracy = accuracy.sorted { $0.place < $1.place }.map(\.row)
    // Each shard has explained its own worst witnesses; the whole explains the worst of all.
    let explained = Set(BlameFinder.places(in: whole.accuracy))
    for index in whole.accuracy.indices where !explained.contains(index) {
      whole.accuracy[index].worst?.blame = nil
    }
    whole.properties = properties.sorted { $0.place < $1.place }.map(\.row)
    return whole
  }

  // MARK: Searches

  static func merge(_ parts: [(name: String, results: SearchResults)]) throws -> SearchResults {
    let (firstName, first) = parts[0]
    var whole = first
    whole.shard = nil
    whole.command = Self.whole(first.command)
    func keys(_ row: SearchRow) -> String {
      [
        row.implementation, row.inputFormat.rawValue, row.outputFormat.rawValue, "\(row.length)",
        row.objective.rawValue, row.model ?? "",
      ].joined(separator: " ")
    }
    for (name, results) in parts {
      try expectSame("version", results.tool.version, first.tool.version, in: name, and: firstName)
      try expectSame("seed", results.seed, first.seed, in: name, and: firstName)
      try expectSame("budget", results.budget, first.budget, in: name, and: firstName)
      try expectSame(
        "largest logit", results.largestLogit?.value ?? .infinity,
        first.largestLogit?.value ?? .infinity, in: name, and: firstName)
      try expectSameImplementations(
        (results.oracle, results.environment), of: name, as: (first.oracle, first.environment),
        of: firstName)
      try expectSame(
        "list of searches", results.searches.map(keys), first.searches.map(keys), in: name,
        and: firstName)
      for row in results.searches where row.failure == nil {
        let own = (0..<WorstCaseSearch.islands).filter { results.shard?.contains($0) ?? true }
        // No search looks at 2^50 outputs; sums of larger numbers may be too large.
        guard max(row.lanes, row.elements) < 1 << 50 else {
          throw refuse(name, "is damaged: it counts \(row.elements) outputs")
        }
        guard row.islands == own else {
          throw refuse(name, "is damaged: it does not have the islands of its shard")
        }
      }
    }
    for (_, results) in parts.dropFirst() {
      for index in results.searches.indices { whole.searches[index].merge(results.searches[index]) }
    }
    return whole
  }

  // MARK: Certificates

  static func merge(_ parts: [(name: String, document: Certificates)]) throws -> Certificates {
    let (firstName, first) = parts[0]
    var whole = first
    whole.shard = nil
    whole.command = Self.whole(first.command)
    func keys(_ certificate: ExhaustiveCertificate) -> String {
      [
        certificate.implementation, certificate.inputFormat.rawValue,
        certificate.outputFormat.rawValue, certificate.statement, certificate.model ?? "",
      ].joined(separator: " ")
    }
    for (name, document) in parts {
      try expectSame("version", document.tool.version, first.tool.version, in: name, and: firstName)
      try expectSameImplementations(
        (document.oracle, document.environment), of: name, as: (first.oracle, first.environment),
        of: firstName)
      try expectSame(
        "list of certificates", document.certificates.map(keys), first.certificates.map(keys),
        in: name, and: firstName)
    }
    for index in first.certificates.indices {
      let shards = parts.map { ($0.name, $0.document.certificates[index]) }
      if let failed = shards.first(where: { $0.1.failure != nil }) {
        whole.certificates[index] = failed.1
        continue
      }
      whole.certificates[index] = try merge(shards, shard: parts.map { $0.document.shard })
    }
    return whole
  }

  private static func merge(
    _ shards: [(name: String, certificate: ExhaustiveCertificate)], shard: [Shard?]
  ) throws -> ExhaustiveCertificate {
    let first = shards[0].certificate
    let output = first.outputFormat
    var merged: ExhaustiveState?
    for (number, (name, certificate)) in shards.enumerated() {
      guard let state = certificate.state, certificate.domain == first.domain else {
        throw refuse(name, "is damaged: it does not say what it has counted on the same domain")
      }
      if let objection = state.objection(to: certificate.domain, output: output) {
        throw refuse(name, "is damaged: \(objection)")
      }
      guard state.done == (0..<state.blocks).filter({ shard[number]?.contains($0) ?? true }) else {
        throw refuse(name, "is damaged: it does not have the blocks of its shard")
      }
      if merged == nil {
        merged = state
      } else {
        do {
          try merged?.merge(state)
        } catch {
          throw refuse(name, "and the shards before it overlap: \(error.message)")
        }
      }
    }
    guard let merged, merged.isComplete else {
      throw refuse(shards[0].name, "and the others do not have every block")
    }
    let witnesses = shards.flatMap { _, certificate in
      [
        certificate.worst, certificate.worstSubnormal, certificate.firstMismatch,
        certificate.undeclaredMismatch,
      ].compactMap { $0 }
    }
    do {
      return try ExhaustiveCertificate(
        implementation: first.implementation, output: output, domain: first.domain,
        model: first.model.flatMap { SoftmaxVariant(named: $0) }, merged, isShard: false
      ) { lane in witnesses.first { $0.lane == lane }?.replay ?? "" }
    } catch let error as InternalError {
      // The figures come from the files; that they do not come back is a fault of the files.
      throw refuse(shards[0].name, "or one of the others is damaged: \(error.message)")
    }
  }
}
